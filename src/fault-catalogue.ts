/**
 * Every fault code: `again` says whether the same thing may simply be tried once more, `means` what it tells an
 * operator, `next` what to type (HOST stands for the host's name), `exit` overrides the exit code 1.
 * `rebuild explain CODE` prints an entry; a test holds that each is used.
 */
interface Entry {
  readonly again: 'safe' | 'look' | 'never';
  readonly means: string;
  readonly next: string;
  readonly exit?: 2 | 3;
}

const entries = {
  'runbook.invalid': {
    again: 'never',
    means: 'The runbook has mistakes; nothing was read from or sent to any device.',
    next: 'correct the places named, then: rebuild check HOST',
    exit: 2,
  },
  'runbook.missing': {
    again: 'never',
    means:
      'There is no runbook where rebuild looks: ./runbooks/HOST.yaml, runbooks/HOST.yaml in $REBUILD_HOME, the examples that come with rebuild, or the file given.',
    next: 'rebuild check FILE',
    exit: 2,
  },
  'runbook.changed': {
    again: 'never',
    means: 'The runbook has changed since the run began: what was agreed to is not what would be done.',
    next: 'put it back as it was, or rebuild abandon HOST -m REASON and begin again',
    exit: 3,
  },
  'step.missing': {
    again: 'never',
    means: 'The runbook has no step of this name.',
    next: 'rebuild check HOST',
    exit: 2,
  },
  'step.not-undoable': {
    again: 'never',
    means:
      'The step cannot be taken back: its kind has no way back, it is not done, or a later step has replaced what it did.',
    next: 'rebuild status HOST shows where the run stands',
    exit: 3,
  },
  'step.undone': {
    again: 'safe',
    means: 'A person has taken the step back; what was there before it is there again. The run is open.',
    next: 'rebuild resume HOST does it again; rebuild abandon HOST -m WHY ends the run',
  },
  'secret.missing': {
    again: 'never',
    means: 'A secret that the runbook names by reference could not be fetched.',
    next: 'set it, then repeat the command',
    exit: 2,
  },
  'secret.exposed': {
    again: 'never',
    means: 'The file that holds a secret can be read by every user of this machine, so it is a secret no more.',
    next: 'chmod 600 the file, change the secret, then repeat the command',
    exit: 3,
  },
  'secret.shared': {
    again: 'never',
    means:
      'The key that logs in to the old system opens another machine too. Whoever owns the old system sees all that logs in there, so its key is made for it alone.',
    next: 'make another key, put it on the old system, name it in suspect.key; then repeat the command',
    exit: 2,
  },
  'bmc.unreachable': {
    again: 'safe',
    means: 'The BMC did not answer: it is off, restarting, or the path to it is closed.',
    next: 'check the management network, then: rebuild resume HOST',
  },
  'bmc.certificate-differs': {
    again: 'never',
    means:
      'The BMC showed another TLS certificate than the runbook pins. No credential was sent. Someone may stand between, or the BMC was reset.',
    next: 'compare the fingerprint over a second path before you change bmc.certificate',
    exit: 3,
  },
  'bmc.credentials-refused': {
    again: 'never',
    means: 'The BMC refused the user name or password. It was tried once: some BMCs lock an account after three.',
    next: 'correct the secret, then: rebuild resume HOST',
    exit: 3,
  },
  'bmc.refused': {
    again: 'look',
    means: 'The BMC answered with an error that is not known to pass by itself.',
    next: 'read its message, then: rebuild resume HOST',
  },
  'bmc.not-this-machine': {
    again: 'never',
    means: 'The BMC reports another system serial number than the runbook names: this is the wrong machine.',
    next: 'correct bmc.url or host.serial',
    exit: 3,
  },
  'bmc.feature-missing': {
    again: 'never',
    means: 'This BMC lacks something the runbook needs (a licence, a virtual media slot, a boot override).',
    next: 'read which it is; license or set it up at the BMC, then: rebuild resume HOST',
  },
  'bmc.screen-not-shown': {
    again: 'never',
    means:
      'This BMC shows no picture of the host’s screen: Redfish has no standard way, and its vendor’s is not known, not there or not licensed. Evidence without it is whole.',
    next: 'nothing need be done; if it matters, look at the screen in the BMC’s own console',
  },
  'bmc.screen-unreadable': {
    again: 'safe',
    means:
      'What the BMC sent as a picture of the host’s screen is none: not base64, or it begins neither as a PNG nor as a JPEG does. It was not kept. The evidence goes on without it.',
    next: 'nothing need be done; if it matters, look at the screen in the BMC’s own console',
  },
  'bmc.deviates': {
    again: 'look',
    means:
      'The BMC is not as `bmc.baseline` says: an account, a session, a subscription, a way from the host, a version or a certificate differs. What appeared during the run was made by somebody who still has a way in.',
    next: 'look at what is named; correct it at the BMC, or the baseline where that is wrong, then: rebuild resume HOST',
  },
  'bmc.rotation-failed': {
    again: 'look',
    means:
      'The BMC’s password was not changed to the one that `bmc.newpassword` names. The fault says which password holds; a login decided it, not the BMC’s answer.',
    next: 'look which password holds and why, then: rebuild resume HOST',
  },
  'media.not-mounted': {
    again: 'safe',
    means: 'The BMC accepted the image but never showed it as inserted and never read it.',
    next: 'rebuild resume HOST',
  },
  'media.lost': {
    again: 'safe',
    means: 'The virtual medium went away while it was still needed, more often than the runbook allows.',
    next: 'look at the link between BMC and controller, then: rebuild resume HOST',
  },
  'media.hopeless': {
    again: 'never',
    means:
      'By the rate of the path and the losses known of it, this medium will not get through. It was not mounted: mounting it, again and again, is how days are lost.',
    next: 'rebuild plan HOST shows the forecast; take `image: light`, or say `force: REASON` in the step',
    exit: 3,
  },
  'media.not-served': {
    again: 'safe',
    means:
      'The light ISO could not be offered to the BMC: its file cannot be read, or its address or port not be used.',
    next: 'look at the file, controller.address and controller.port, then: rebuild resume HOST',
  },
  'media.digest-differs': {
    again: 'never',
    means: 'An image is not the one that was named: its digest differs. It was not mounted or written.',
    next: 'rebuild iso, and compare the digests',
    exit: 3,
  },
  'image.missing': {
    again: 'never',
    means: 'The runbook names an ISO file that is not there.',
    next: 'put it there, or correct the path: it counts from the runbook’s own folder',
    exit: 2,
  },
  'image.unfit': {
    again: 'never',
    means:
      'The image cannot be used for what the runbook wants: it is no ISO, it does not start from a disk, or it is too large for it.',
    next: 'rebuild explain media.stage says what an image must be',
    exit: 2,
  },
  'image.build-failed': {
    again: 'look',
    means: 'An image could not be built on this machine.',
    next: 'read the message; what is missing is named with the command that installs it',
  },
  'image.no-room': {
    again: 'safe',
    means: 'An image could not be made here: the disk that it is to lie on is full.',
    next: 'make room there, or name another place (rebuild help files); then the same command again',
  },
  'edge.unreachable': {
    again: 'safe',
    means: 'The gateway that carries the isolation rules did not answer.',
    next: 'check the path to the gateway, then: rebuild resume HOST',
  },
  'edge.not-as-set': {
    again: 'look',
    means: 'The gateway does not hold the rules that were set: something else changed them, or they did not load.',
    next: 'compare `nft list ruleset` on the gateway, then: rebuild resume HOST',
  },
  'edge.reverted': {
    again: 'look',
    means:
      'A change at the gateway could not be confirmed over a new connection: it had cut this controller off, so the gateway took it back by itself. What is in force there is what was before.',
    next: 'look whether edge.interface is the host’s own port and no other, then: rebuild resume HOST',
  },
  'isolation.leaks': {
    again: 'look',
    means:
      'A path that must be closed was open: when tried from outside, or because the gateway itself saw the host get through. Closing the port that was noticed is not enough where 445, 443 or DNS stay open.',
    next: 'close it at the edge, or leave `block` away so that everything is closed; then: rebuild resume HOST',
  },
  'isolation.too-tight': {
    again: 'look',
    means: 'A path that must stay open, and was open before the isolation, is closed since.',
    next: 'compare `nft list ruleset` on the gateway with controller.address, then: rebuild resume HOST',
  },
  'contact.seen': {
    again: 'never',
    means:
      'The new system sent, or tried to send, to an address of the incident’s: it is not clean. The gateway has it in quarantine again.',
    next: 'rebuild report RUN; capture evidence of the new system before you begin again',
  },
  'document.missing': {
    again: 'never',
    means: 'The runbook names a list or a log that is not there, or cannot be read.',
    next: 'put it there, or correct the path: it counts from the runbook’s own folder',
    exit: 2,
  },
  'document.unreadable': {
    again: 'never',
    means: 'A list or a log that the runbook names is in no form that is read here.',
    next: 'rebuild explain host.verify says which lists there are, rebuild explain disk.health what a log may be',
    exit: 2,
  },
  'ssh.unreachable': {
    again: 'safe',
    means: 'No SSH server answered at the address.',
    next: 'rebuild resume HOST',
  },
  'ssh.host-key-differs': {
    again: 'never',
    means: 'An SSH server answered with another host key than the pinned one. Nothing was sent to it.',
    next: 'find out who answers at that address before you go on',
    exit: 3,
  },
  'ssh.refused': {
    again: 'look',
    means: 'The SSH server refused our key or the request.',
    next: 'rebuild resume HOST',
  },
  'ssh.not-started': {
    again: 'safe',
    means: 'The SSH server let us in and did not start the program: it may have no process or memory left for it.',
    next: 'rebuild resume HOST',
  },
  'ssh.lost': {
    again: 'safe',
    means: 'The SSH connection broke or nothing moved on it for too long.',
    next: 'rebuild resume HOST',
  },
  'answer.garbled': {
    again: 'look',
    means: 'A device answered in a form its protocol does not allow: too long, cut off or malformed. It was not used.',
    next: 'rebuild log RUN shows what was asked; then: rebuild resume HOST',
  },
  'vantage.failed': {
    again: 'look',
    means: 'A vantage could not make the test it was asked for, so nothing is known of the path.',
    next: 'check the vantage, then: rebuild resume HOST',
  },
  'target.not-up': {
    again: 'safe',
    means: 'The light system did not come up in time, although the medium was there.',
    next: 'rebuild lab console, or the KVM screen, shows where it stands; then: rebuild resume HOST',
  },
  'target.refused': {
    again: 'look',
    means: 'The light system refused the request: its own copy of the plan, or its latch, does not allow it.',
    next: 'rebuild log RUN shows the reason',
    exit: 3,
  },
  'target.superseded': {
    again: 'never',
    means:
      'Another controller has taken the host over since: the light system obeys its newer lease and changed nothing for this one.',
    next: 'rebuild status HOST tells who has it; to take it back, end that command there, then: rebuild resume HOST',
    exit: 3,
  },
  'target.failed': {
    again: 'look',
    means: 'A command on the light system failed.',
    next: 'rebuild log RUN shows its output; then: rebuild resume HOST',
  },
  'disk.not-found': {
    again: 'never',
    means: 'No disk of the machine has this serial number. Nothing is erased on a guess.',
    next: 'compare the serial numbers shown with the runbook',
    exit: 3,
  },
  'disk.ambiguous': {
    again: 'never',
    means: 'Two disks report the same serial number, so it names neither.',
    next: 'remove one, or report the controller',
    exit: 3,
  },
  'disk.size-differs': {
    again: 'never',
    means: 'The disk with this serial number has another size than the runbook says: one of the two is wrong.',
    next: 'correct the runbook after you have looked at the machine',
    exit: 3,
  },
  'disk.wwn-differs': {
    again: 'never',
    means:
      'The disk with this serial number shows another world wide name than the runbook says, or none: it is another disk, or its controller hides it.',
    next: 'compare both with the label on the disk; correct the runbook, then: rebuild abandon HOST -m REASON',
    exit: 3,
  },
  'disk.undeclared': {
    again: 'look',
    means:
      'The machine shows a disk that could be written to and that its runbook does not name. It is not the machine that was agreed on, or it is cabled to more; and whoever had the host may have left something there. Nothing is erased before it is known.',
    next: 'pull it, then: rebuild resume HOST; or declare it under disks with keep: true and begin anew: rebuild abandon HOST -m REASON',
    exit: 3,
  },
  'disk.kept': {
    again: 'never',
    means: 'The runbook marks this disk `keep: true`; a step that would write to it is refused.',
    next: 'take it out of the step, or out of `keep`',
    exit: 3,
  },
  'disk.not-blank': {
    again: 'look',
    means: 'After the wipe a place read back was not zero, or held what it had held before.',
    next: 'take the disk out of service or choose another level',
  },
  'disk.method-missing': {
    again: 'never',
    means:
      'The disk has no way to reach the level that the runbook asks for, or none that is not blocked. It is never erased less than was asked.',
    next: 'ask for a level or method that it can; a disk that its firmware has frozen thaws when it alone loses power',
    exit: 3,
  },
  'disk.hidden-area': {
    again: 'never',
    means:
      'The disk hides part of itself from the host (a host protected area), which an erase through the host would leave.',
    next: 'take the area off (hdparm -N), or ask for a level that the disk reaches by itself: purge',
    exit: 3,
  },
  'disk.common-cause': {
    again: 'look',
    means:
      'Drives fail, or change, for a reason that they have in common: power, cable or backplane until shown otherwise. A new drive in such a place fails as well, and what is built on it is lost.',
    next: 'swap power feed, cable or backplane and look at the BMC’s log; then: rebuild resume HOST',
    exit: 3,
  },
  'disk.controller-distrusted': {
    again: 'never',
    means:
      'A controller’s log turned into what is no text. The log is quarantined from there on, and nothing that this controller says is believed: not that a drive is well, nor that it is erased.',
    next: 'keep the log, replace the controller or its power feed, clear the log where the BMC holds it; then begin anew: rebuild abandon HOST -m REASON',
    exit: 3,
  },
  'disk.map-disputed': {
    again: 'look',
    means:
      'A controller’s log or the BMC has a drive in a slot that no drive of this machine is, though others of the same list are here. One of the two is wrong about which drive is where, and a disk is erased by such a word.',
    next: 'look which drive is in that slot, save the controller’s log anew; then: rebuild resume HOST',
    exit: 3,
  },
  'disk.stuck': {
    again: 'look',
    means:
      'The disk has been at its erase without moving for half an hour, or three times what it said it takes. Disks are known that never end a sanitize and that no reset helps.',
    next: 'wait, then: rebuild resume HOST; or go on without this disk: rebuild forgo HOST SERIAL -m REASON',
  },
  'disk.needed': {
    again: 'never',
    means: 'The run cannot go on without this disk: it gets the new system, or its installer.',
    next: 'replace the disk, put the new serial number in the runbook, and: rebuild abandon HOST -m REASON',
    exit: 3,
  },
  'disk.erase-unproved': {
    again: 'look',
    means:
      'The disk says that it has erased itself, and nothing that was seen bears it out: an idle disk reports success although nothing was run.',
    next: 'name another method in the runbook for a new run; or go on without this disk: rebuild forgo HOST SERIAL -m REASON',
  },
  'disk.write-failed': {
    again: 'look',
    means: 'The disk refused a write or a read.',
    next: 'rebuild resume HOST tries it again; where that fails too, replace the disk or take it out of the plan',
  },
  'os.differs': {
    again: 'safe',
    means: 'What was read back from the disk is not what the image manifest says.',
    next: 'rebuild resume HOST writes the differing chunks again',
  },
  'installer.not-started': {
    again: 'look',
    means:
      'The host did not start the installer that was put on its disk or in its drive, as far as can be seen from outside.',
    next: 'look at the KVM screen or the serial console, then: rebuild resume HOST',
  },
  'host.not-up': {
    again: 'safe',
    means: 'The new system did not answer in time with the key that was pinned for it.',
    next: 'look at the console, then: rebuild resume HOST',
  },
  'host.differs': {
    again: 'look',
    means: 'The new system is not as the runbook declares it.',
    next: 'rebuild log RUN shows each difference; then: rebuild resume HOST',
  },
  'evidence.missing': {
    again: 'never',
    means:
      'The disk would be erased, and nothing of it has been secured: no evidence was captured, and nobody waived it.',
    next: 'put an evidence.capture step before the wipe; rebuild explain evidence.capture',
    exit: 3,
  },
  'evidence.failed': {
    again: 'never',
    means:
      'Evidence that the runbook asks for is not whole, and not because the host has no such thing. Nothing goes on at its cost: not the end of the old system, not the erasure of the disk.',
    next: 'rebuild log RUN shows what is missing; where that is enough, let a person answer for it in the step (accept: {by, reason}), else give it more time (within); then: rebuild abandon HOST -m REASON, and begin again',
    exit: 3,
  },
  'hold.none': {
    again: 'never',
    means: 'The host’s run does not stand in a hold: there is nothing to end.',
    next: 'rebuild status HOST',
    exit: 2,
  },
  'evidence.differs': {
    again: 'never',
    means:
      'Evidence that was sealed is not as it was sealed: a file was changed, is missing, or the seal does not fit.',
    next: 'keep the folder as it is; sha256sum -c names the file',
    exit: 3,
  },
  'evidence.unwritable': {
    again: 'look',
    means: 'The evidence cannot be written where it is kept (disk full, read-only). What has come so far stays.',
    next: 'make room or change REBUILD_HOME, then: rebuild resume HOST',
  },
  'evidence.incomplete': {
    again: 'look',
    means:
      'Not all that the profile names came: its time was over, the line broke, or a command failed. What came is kept and marked. Each item is asked for in up to three attempts, then left as it is.',
    next: 'rebuild resume HOST takes what is missing',
  },
  'suspect.refused': {
    again: 'look',
    means: 'The old system did not let our tools run as they are, or its answer to a check of them makes no sense.',
    next: 'rebuild log RUN shows what it did; take the evidence from outside (profile image), or waive it by name',
  },
  'plan.stale': {
    again: 'never',
    means: 'A fact the plan relies on has changed since the plan was made.',
    next: 'rebuild plan HOST',
    exit: 3,
  },
  'plan.faulty': {
    again: 'never',
    means:
      'A plan with an error in it can be read and not run, even when the error is gone: nobody has reviewed what would be done then.',
    next: 'rebuild plan HOST -o FILE',
    exit: 3,
  },
  'plan.unwritable': {
    again: 'safe',
    means: 'The plan could not be saved. Nothing was changed.',
    next: 'rebuild plan HOST -o FILE, with a FILE that can be written',
    exit: 2,
  },
  'plan.unreadable': {
    again: 'never',
    means: 'The plan file is not there, or is not a plan that this version of rebuild understands.',
    next: 'rebuild plan HOST -o FILE',
    exit: 2,
  },
  'confirm.missing': {
    again: 'never',
    means: 'Without a terminal the host name must be given: --confirm HOST.',
    next: 'rebuild run HOST --confirm HOST',
  },
  'confirm.differs': {
    again: 'never',
    means: 'The name typed is not the host’s name. Nothing was touched.',
    next: 'rebuild run HOST',
    exit: 3,
  },
  'lease.held': {
    again: 'never',
    means: 'Someone else works on this host now.',
    next: 'talk to the holder; after it ends or expires: rebuild resume HOST',
    exit: 3,
  },
  'lease.lost': {
    again: 'look',
    means: 'This controller no longer holds the host’s lease, so it stopped before the next effect.',
    next: 'rebuild status HOST',
    exit: 3,
  },
  'run.unfinished': {
    again: 'never',
    means: 'The host has an unfinished run; a new one would not know what it did.',
    next: 'rebuild resume HOST, or rebuild abandon HOST -m REASON',
    exit: 3,
  },
  'run.interrupted': {
    again: 'safe',
    means:
      'The step was left in the middle. What it had sent and saved is on record; the rest is unsure until resumed.',
    next: 'rebuild resume HOST',
  },
  'run.missing': {
    again: 'never',
    means: 'There is no such run.',
    next: 'rebuild status',
    exit: 2,
  },
  'run.keys-missing': {
    again: 'never',
    means: 'The run’s own keys are not on this machine, so its light system and its new host cannot be reached.',
    next: 'resume it where it was begun, or abandon it',
    exit: 3,
  },
  'run.already-done': {
    again: 'never',
    means: 'The host’s last run reached its end: to do it again would erase what was rebuilt.',
    next: 'rebuild report HOST, or rebuild run HOST --again',
    exit: 3,
  },
  'run.handed-over': {
    again: 'never',
    means: 'The run was handed over: another machine may be at this host. Two must never be.',
    next: 'go on there; or, when the other never began: rebuild import FILE',
    exit: 3,
  },
  'gate.none': {
    again: 'never',
    means: 'Nothing of this run waits for an approval: its runbook has no gate, or the steps behind it are done.',
    next: 'rebuild status HOST',
    exit: 2,
  },
  'gate.signers-missing': {
    again: 'never',
    means:
      'The list of allowed signers cannot be used: it is not there, or names too few people to ever open the gate.',
    next: 'make it as ssh-keygen(1) describes under ALLOWED SIGNERS, one line a person; rebuild explain gate.signers',
    exit: 3,
  },
  'gate.key-unusable': {
    again: 'never',
    means: 'There is no SSH key to sign with, or ssh-keygen could not sign with it.',
    next: 'give one: --key FILE (for a key in an agent, its .pub)',
    exit: 3,
  },
  'gate.requester-unknown': {
    again: 'never',
    means:
      'A run with a gate is begun under a name that the list of allowed signers knows, so that nobody approves what they asked for themselves.',
    next: 'rebuild run HOST --key FILE, with a key from the list',
    exit: 3,
  },
  'gate.signer-refused': {
    again: 'never',
    means:
      'The signature is by no key on the list of allowed signers, by one that is not allowed this namespace or this day, or by one that stands for several people.',
    next: 'find out whose key it is; ssh-keygen(1), ALLOWED SIGNERS, says what a line may hold',
    exit: 3,
  },
  'gate.signature-bad': {
    again: 'never',
    means: 'The signature does not fit the statement: one of the two was changed after it was signed.',
    next: 'have it signed again: rebuild approve HOST',
    exit: 3,
  },
  'gate.approval-unreadable': {
    again: 'never',
    means: 'The file is no approval as rebuild writes them: too large, cut off, or changed in its form.',
    next: 'rebuild approve --plan FILE -o FILE writes one',
    exit: 3,
  },
  'gate.approval-expired': {
    again: 'never',
    means: 'The approval’s time is over, or has not come: it says nothing about now.',
    next: 'rebuild approve HOST',
    exit: 3,
  },
  'gate.approval-elsewhere': {
    again: 'never',
    means: 'The approval is for another plan, run, step or host than this one.',
    next: 'have the present plan approved: rebuild approve HOST',
    exit: 3,
  },
  'gate.approval-spent': {
    again: 'never',
    means: 'The approval was given for a saved plan and has been used for a run of it already.',
    next: 'rebuild approve HOST',
    exit: 3,
  },
  'gate.target-differs': {
    again: 'never',
    means: 'The approval names other serial numbers than the run’s: another machine, or other disks.',
    next: 'compare the serial numbers; then: rebuild approve HOST',
    exit: 3,
  },
  'gate.own-approval': {
    again: 'never',
    means: 'Whoever began the run cannot be the second pair of eyes on it.',
    next: 'have someone else approve it',
    exit: 3,
  },
  'handover.unreadable': {
    again: 'never',
    means: 'The file is no hand-over that this version of rebuild can read: damaged, cut off, or changed.',
    next: 'copy it once more, or make it anew: rebuild export RUN -o FILE',
    exit: 3,
  },
  'handover.secret-wrong': {
    again: 'never',
    means: 'The hand-over does not open with this passphrase, or something in it was changed.',
    next: 'have the passphrase read out once more',
    exit: 3,
  },
  'handover.secret-missing': {
    again: 'never',
    means: 'A hand-over carries the run’s keys, sealed with a passphrase that goes another way than the file.',
    next: 'at a terminal, or: --passphrase env:NAME, file:/PATH or command:PROGRAM',
    exit: 3,
  },
  'handover.diverged': {
    again: 'never',
    means: 'This machine has a run of this name with another history. Nothing was changed.',
    next: 'rebuild report RUN; compare the two',
    exit: 3,
  },
  'journal.unwritable': {
    again: 'never',
    means: 'The journal cannot be written (disk full, read-only, or locked). Nothing is done that cannot be recorded.',
    next: 'make room or change REBUILD_HOME, then: rebuild resume HOST',
  },
  'journal.broken': {
    again: 'never',
    means: 'The journal’s hash chain does not hold: an entry was changed or removed.',
    next: 'keep the file; rebuild report RUN names the place',
    exit: 3,
  },
  'journal.too-new': {
    again: 'never',
    means: 'The journal was written by a newer rebuild.',
    next: 'use that version',
    exit: 2,
  },
  'image.refused': {
    again: 'look',
    means: 'The receiver on the light system refused a chunk of the image before writing it.',
    next: 'rebuild resume HOST',
  },
  'lab.missing-tools': {
    again: 'never',
    means: 'The lab needs programs that are not on this machine.',
    next: 'run the command shown',
    exit: 2,
  },
  'lab.usage': {
    again: 'never',
    means: 'The lab does not know what was asked of it.',
    next: 'rebuild lab --help',
    exit: 2,
  },
  'lab.down': {
    again: 'never',
    means: 'The lab is not up.',
    next: 'rebuild lab up HOST',
    exit: 2,
  },
  'lab.failed': {
    again: 'look',
    means: 'The lab could not do what was asked.',
    next: 'rebuild lab status, rebuild lab console',
  },
} as const satisfies Record<string, Entry>;

export type FaultCode = keyof typeof entries;
export const catalogue: Readonly<Record<FaultCode, Entry>> = entries;
