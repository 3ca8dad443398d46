import {ensureRequirements, missingPackages, requirements, type Requirement} from '../src/lab/requirements.ts';

/** What the tests use of Debian beside the lab's own needs: foreign clients that know nothing of us, and parts of ours. */
const foreign: readonly Requirement[] = [
  // The light system's own, which its agent runs on a stage.
  {debian: 'busybox-static', needs: ['busybox']},
  // In which the report's page is opened.
  {debian: 'chromium', needs: ['chromium']},
  {debian: 'curl', needs: ['curl']},
  {debian: 'dropbear-bin', needs: ['dropbearkey']},
  {debian: 'shellcheck', needs: ['shellcheck']},
  // Shells that complete our commands, a terminal multiplexer, and who lints a manual page.
  {debian: 'bash', needs: ['bash']},
  {debian: 'zsh', needs: ['zsh']},
  {debian: 'fish', needs: ['fish']},
  {debian: 'bsdutils', needs: ['script']},
  {debian: 'tmux', needs: ['tmux']},
  {debian: 'mandoc', needs: ['mandoc']},
  {debian: 'groff', needs: ['groff']},
  {debian: 'python3-sushy', needs: ['/usr/lib/python3/dist-packages/sushy/__init__.py']},
];

/** Before all tests: the machine has what they use. Root installs it; others are told the command. */
export async function setup(): Promise<void> {
  const ready = await ensureRequirements({
    packages: missingPackages([...requirements, ...foreign]),
    progress: ({says}) => process.stderr.write(`${says}\n`),
  });
  if (!ready.ok) throw new Error(`${ready.fault.says}\n${ready.fault.next}`);
}
