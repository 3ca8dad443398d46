import {exit} from '../../exit.ts';
import {exitMeaning} from './exit-meaning.ts';

/** A text that `rebuild help NAME` shows and the manual page holds. */
export interface Topic {
  readonly name: string;
  readonly title: string;
  readonly body: readonly Block[];
}

/** A paragraph, or terms with what each means: commands, files, variables. */
export type Block = string | {readonly terms: readonly (readonly [term: string, says: string])[]};

const run: Topic = {
  name: 'run',
  title: 'Rebuild a host',
  body: [
    'Write runbooks/HOST.yaml after one of the examples: addresses, serial numbers of the machine and its disks, pinned fingerprints, the steps. Secrets are named in it (env:, file:, command:), never written.',
    {
      terms: [
        ['rebuild check HOST', 'every mistake in the file, with line and column; asks no device'],
        ['rebuild plan HOST', 'every change in order, the disks by serial number, how long; changes nothing'],
        ['rebuild HOST', 'plans, shows, asks for the host’s name, and carries it out'],
        ['rebuild status HOST', 'from any terminal: where it stands, and the next command'],
        ['rebuild report HOST', 'when it is over: what was done, proved and not done'],
      ],
    },
    'Ctrl-C once stops after the present step; twice at once, inside it. Both keep every checkpoint. Nothing is erased but the disks that the plan names, and none twice. A medium that unmounts, a link that breaks and a reboot are met by the run itself.',
    'Where no person sits at a terminal, the name is given instead: rebuild run HOST --confirm HOST. Exit code 4 means that someone must act.',
    'To see it all on a machine that is safe to break:',
    {terms: [['rebuild marruuk --lab', 'a virtual machine with an emulated BMC in place of the devices']]},
  ],
};

const review: Topic = {
  name: 'review',
  title: 'Review a rebuild before it happens',
  body: [
    'Planning only reads: what it is given has no method that changes anything. The plan that was read can be the one that is carried out, and no other.',
    {
      terms: [
        ['rebuild plan HOST -o FILE', 'reads the machine and saves the plan, with a digest'],
        [
          'rebuild run HOST --plan FILE',
          'reads the facts again; refuses (exit 3) when one has changed, and says which',
        ],
      ],
    },
    'In a plan, ! cannot be undone, ? waits for a person or is known only later, . is left as it is. Look first at the serial numbers beside each !, then at the total against what was promised, then at what is unknown until which step.',
    'A runbook may want several people to agree: rebuild help gates.',
  ],
};

const resume: Topic = {
  name: 'resume',
  title: 'Go on after a failure',
  body: [
    'A run that failed, was interrupted or lost its controller stays open. What is done is on record with its proof; resume holds each against the world before it goes on, and never repeats an erase that may have been sent without asking the machine first.',
    {
      terms: [
        ['rebuild status', 'every host: what runs, waits or failed, and the next command'],
        ['rebuild log HOST --step STEP', 'what happened in that step, with what the device said'],
        ['rebuild explain CODE', 'what a fault means, whether to try again, what to type'],
        ['rebuild resume HOST', 'checks what is done and goes on'],
        ['rebuild abandon HOST -m WHY', 'ends the run for good; says what is left as it is'],
      ],
    },
    'Someone else may take over: once the first has stopped or their lease has expired, resume says whose place it takes. From another machine: rebuild export RUN -o FILE here, rebuild import FILE there; from then on this one refuses.',
    'The lines of a failure: where is the step in the runbook, means is what the fault tells, state is how the machine stands now, next is what to type.',
  ],
};

const gates: Topic = {
  name: 'gates',
  title: 'Steps that wait for people',
  body: [
    'gate: {approvers: 2, within: 2h, for: [wipe]} in a runbook: before wipe, two people other than the one who began the run must agree. Each signs the plan’s digest and the serial numbers with their SSH key, which the file allowed_signers beside the runbook must know.',
    {
      terms: [
        ['rebuild approve HOST -m WHY', 'agree, on the machine that the run is on'],
        ['rebuild approve HOST --ask FILE', 'save the plan for an approver elsewhere'],
        ['rebuild approve --plan FILE -o NAME.approval -m WHY', 'there: read it, agree, sign'],
        ['rebuild approve HOST --add NAME.approval', 'here: bring it back'],
        ['rebuild resume HOST', 'goes on once enough have agreed'],
      ],
    },
    'An approval ends with its time, with another plan, and with another machine or disk than it names.',
  ],
};

const files: Topic = {
  name: 'files',
  title: 'Where things are kept',
  body: [
    'STATE is $REBUILD_HOME, else $XDG_STATE_HOME/rebuild, else ~/.local/state/rebuild. CACHE is $REBUILD_CACHE, else $XDG_CACHE_HOME/rebuild, else ~/.cache/rebuild: all of it can be made again.',
    {
      terms: [
        [
          './runbooks/HOST.yaml',
          'the runbook; then STATE/runbooks/HOST.yaml; then the examples that come with rebuild',
        ],
        ['allowed_signers', 'beside the runbook: who may approve (ssh-keygen(1), ALLOWED SIGNERS)'],
        ['STATE/journal.sqlite', 'every run, event by event, hash-chained'],
        ['STATE/runs/RUN', 'the run’s plan, keys and light ISO, for its user alone'],
        ['STATE/lab', 'the same for runs with --lab, and the lab itself'],
        ['CACHE', 'packages, images, compiled code'],
      ],
    },
  ],
};

const environment: Topic = {
  name: 'environment',
  title: 'Environment variables',
  body: [
    {
      terms: [
        ['REBUILD_HOME, XDG_STATE_HOME', 'where runs are kept (rebuild help files)'],
        ['REBUILD_CACHE, XDG_CACHE_HOME', 'where images and packages are kept'],
        ['TMPDIR', 'where an ISO is put together'],
        ['NO_COLOR, FORCE_COLOR', 'no colour, colour even where there is no terminal'],
        ['CI, ACCESSIBLE, TERM=dumb', 'each alone: plain lines, nothing redrawn'],
        ['SUDO_USER', 'whose name stands in the record for a command under sudo'],
        ['SSH_AUTH_SOCK', 'the agent that holds an approver’s key'],
        ['SOURCE_DATE_EPOCH', 'the date that rebuild man prints'],
        ['REBUILD_LAB_NETWORK', 'userspace: the lab’s switch in user space, for root too'],
      ],
    },
  ],
};

const exits: Topic = {
  name: 'exit',
  title: 'Exit codes',
  body: [
    {
      terms: Object.entries(exit).map(
        ([name, code]) => [String(code), exitMeaning[name as keyof typeof exit]] as const,
      ),
    },
  ],
};

/** In the order in which a person needs them. */
export const topics: readonly Topic[] = [run, review, resume, gates, files, environment, exits];
