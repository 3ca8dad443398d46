import {access} from 'node:fs/promises';
import {homedir} from 'node:os';
import {join} from 'node:path';
import {execa} from 'execa';
import {fault} from '../../fault.ts';
import {isSignature, namespace} from '../../gate/statement.ts';
import {failed, ok, type Result} from '../../result.ts';
import {complaint, sshKeygen, withFiles} from './keygen.ts';

/** A person types a passphrase, touches a security key, or allows an agent to sign. */
const signMs = 120_000;

/**
 * Signs a text with an SSH key: a private key file, or a public one whose private half an agent holds. Without `key`,
 * the user's own ed25519 key, else the only key of the agent. Nothing secret is handed to a program as an argument.
 * Fault: `gate.key-unusable`.
 */
export async function sign(
  text: string,
  key: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Result<string>> {
  if (key !== undefined) return signWith(key, text, environment);
  const own = join(environment['HOME'] ?? homedir(), '.ssh', 'id_ed25519');
  if (await exists(own)) return signWith(own, text, environment);
  const held = await agentKeys(environment);
  const [only] = held;
  if (only === undefined || held.length > 1)
    return failed(
      fault(
        'gate.key-unusable',
        held.length > 1
          ? `there is no ${own}, and the agent holds ${held.length} keys: --key says which`
          : `there is no ${own}, and no agent that holds a key`,
      ),
    );
  return withFiles({'agent.pub': `${only}\n`}, (path) => signWith(path('agent.pub'), text, environment));
}

async function signWith(key: string, text: string, environment: NodeJS.ProcessEnv): Promise<Result<string>> {
  const refused = (says: string) => failed(fault('gate.key-unusable', `${key}: ${says}`));
  if (!(await exists(key))) return refused('there is no such file');
  const {code, stdout, stderr} = await sshKeygen(['-Y', 'sign', '-q', '-n', namespace, '-f', key], text, {
    waitMs: signMs,
    environment,
  });
  if (code === undefined) return refused(complaint(stderr) || 'ssh-keygen could not be run; Debian: openssh-client');
  if (code !== 0) return refused(complaint(stderr) || `ssh-keygen ended with ${code}`);
  return isSignature(stdout) ? ok(stdout) : refused('ssh-keygen wrote no signature');
}

/** The public lines of the keys in the user's agent. */
async function agentKeys(environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const {exitCode, stdout} = await execa('ssh-add', ['-L'], {
    env: environment,
    extendEnv: false,
    reject: false,
    timeout: 10_000,
    maxBuffer: 1024 * 1024,
  });
  return exitCode === 0 ? (stdout ?? '').split('\n').filter((line) => /^[a-z0-9@.-]+ [A-Za-z0-9+/=]+/.test(line)) : [];
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
