import {missingPackages, ensureRequirements, requirements, type Requirement} from '../../src/lab/requirements.ts';

/** What people use instead, and what stands at the two ends of the link. */
const foreign: readonly Requirement[] = [
  {debian: 'curl', needs: ['curl']},
  {debian: 'rsync', needs: ['rsync']},
  {debian: 'aria2', needs: ['aria2c']},
  {debian: 'bmap-tools', needs: ['bmaptool']},
  {debian: 'nginx-light', needs: ['nginx']},
  {debian: 'openssh-server', needs: ['/usr/sbin/sshd']},
  {debian: 'dropbear-bin', needs: ['dropbear']},
  {debian: 'python3-minimal', needs: ['/usr/bin/python3']},
];

/** Installs what is missing from Debian; as an ordinary user it says the command. */
export async function ensurePrograms(): Promise<void> {
  const ready = await ensureRequirements({
    packages: missingPackages([...requirements, ...foreign]),
    progress: ({says}) => process.stderr.write(`${says}\n`),
  });
  if (!ready.ok) throw new Error(`${ready.fault.says}\n${ready.fault.next}`);
}
