import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Readable, Writable} from 'node:stream';

/** Debian's Chromium without a window, driven over its own pipe (DevTools protocol): no package, no port. */
export interface Browser {
  /** Loads a page of this width, and waits until it is drawn. */
  open(url: string, look: Look): Promise<void>;
  /** The value of an expression in the page, whatever the page's own policy says of scripts. */
  evaluate<T>(expression: string): Promise<T>;
  /** A PNG of the whole page. */
  screenshot(): Promise<Buffer>;
  pdf(): Promise<Buffer>;
  /** Everything the pages asked the network for since the last `open`, the page itself included. */
  requests(): readonly string[];
  /** What the browser complained of: refused styles and scripts, errors. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

export interface Look {
  readonly width: number;
  readonly dark?: boolean;
  readonly print?: boolean;
}

/** What is read of the notifications that are listened to. */
interface Params {
  readonly request?: {readonly url: string};
  readonly entry?: {readonly text: string};
  readonly exceptionDetails?: {readonly text: string};
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: unknown;
  readonly error?: {readonly message: string};
  readonly sessionId?: string;
}

const patienceMs = 50_000;

export async function openBrowser(): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'chromium-'));
  const child = spawn(
    'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--no-default-browser-check',
      '--hide-scrollbars',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    {stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']},
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const [to, from] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, (message: Message) => void>();
  const seen: Message[] = [];
  let rest = '';
  from.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const message = JSON.parse(part) as Message;
      if (message.id === undefined) seen.push(message);
      else waiting.get(message.id)?.(message);
    }
  });

  let last = 0;
  let session: string | undefined;
  async function send<T>(method: string, params: object = {}): Promise<T> {
    const id = ++last;
    const {promise, resolve} = Promise.withResolvers<Message>();
    waiting.set(id, resolve);
    to.write(`${JSON.stringify({id, method, params, ...(session && {sessionId: session})})}\0`);
    const patience = AbortSignal.timeout(patienceMs);
    patience.addEventListener('abort', () => resolve({error: {message: 'no answer in time'}}));
    const {result, error} = await promise;
    waiting.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  const {targetId} = await send<{targetId: string}>('Target.createTarget', {url: 'about:blank'});
  session = (await send<{sessionId: string}>('Target.attachToTarget', {targetId, flatten: true})).sessionId;
  for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await send(`${domain}.enable`);

  const evaluate = async <T>(expression: string): Promise<T> => {
    const {result, exceptionDetails} = await send<{
      result: {value: T};
      exceptionDetails?: {exception?: {description?: string}};
    }>('Runtime.evaluate', {expression, returnByValue: true, awaitPromise: true});
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'it threw');
    return result.value;
  };
  const params = (method: string): readonly Params[] =>
    seen.flatMap((message) => (message.method === method && message.params ? [message.params] : []));

  return {
    async open(url, {width, dark, print}) {
      await send('Emulation.setDeviceMetricsOverride', {width, height: 800, deviceScaleFactor: 1, mobile: false});
      await send('Emulation.setEmulatedMedia', {
        media: print ? 'print' : 'screen',
        features: [{name: 'prefers-color-scheme', value: dark ? 'dark' : 'light'}],
      });
      seen.length = 0;
      await send('Page.navigate', {url});
      await evaluate(
        `new Promise((drawn) => { const look = () => document.readyState === 'complete' && location.href !== 'about:blank'
          ? requestAnimationFrame(() => drawn(true)) : setTimeout(look, 20); look(); })`,
      );
    },
    evaluate,
    async screenshot() {
      const {data} = await send<{data: string}>('Page.captureScreenshot', {captureBeyondViewport: true});
      return Buffer.from(data, 'base64');
    },
    async pdf() {
      const {data} = await send<{data: string}>('Page.printToPDF', {preferCSSPageSize: true});
      return Buffer.from(data, 'base64');
    },
    requests: () => params('Network.requestWillBeSent').flatMap(({request}) => request?.url ?? []),
    complaints: () => [
      ...params('Log.entryAdded').flatMap(({entry}) => entry?.text ?? []),
      ...params('Runtime.exceptionThrown').flatMap(({exceptionDetails}) => exceptionDetails?.text ?? []),
    ],
    async close() {
      session = undefined;
      await send('Browser.close').catch(() => child.kill());
      await ended;
      rmSync(profile, {recursive: true, force: true, maxRetries: 5, retryDelay: 200});
    },
  };
}
