import {fault} from '../../src/fault.ts';
import {failed, ok} from '../../src/result.ts';
import type {Runbook} from '../../src/runbook/runbook.ts';
import type {BmcAccount, BmcPassword, BmcSession, BmcSubscription, HostWay} from '../../src/step/bmc/state.ts';
import type {Bmc} from '../../src/step/world/bmc.ts';

/** Who may use the simulated BMC: as an attacker left it, until it is mended. */
export class BmcAccess {
  readonly accounts: BmcAccount[];
  readonly sessions: BmcSession[] = [{id: '7', user: 'support2', from: '198.51.100.66', own: false}];
  readonly subscriptions: BmcSubscription[] = [{id: '1', destination: 'https://198.51.100.66/events'}];
  readonly ways: HostWay[] = [
    {kind: 'host-interface', name: 'host-interface 1', state: 'open'},
    {kind: 'kcs', name: 'kcs', state: 'unknown', stays: 'the simulator has no property for it'},
  ];
  readonly firmware: readonly {id: string; name: string; version: string}[];
  password: BmcPassword = 'password';
  /** Changes of the password, and logins that were refused since the last that was taken, at their most. */
  readonly counts = {changes: 0, failures: 0, worst: 0};

  constructor({bmc}: Runbook) {
    const [own = 'rebuild', role = 'Administrator'] = Object.entries(bmc.baseline?.accounts ?? {})[0] ?? [];
    this.accounts = [
      {id: '1', name: own, role, enabled: true, own: true},
      {id: '4', name: 'support2', role: 'Administrator', enabled: true, own: false},
    ];
    const versions = Object.entries(bmc.baseline?.firmware ?? {});
    this.firmware = versions.map(([id, version]) => ({id, name: id, version}));
  }

  /** What a user would compare. */
  end() {
    return {
      accounts: this.accounts.map(({name}) => name),
      sessions: this.sessions.map(({user}) => user),
      subscriptions: this.subscriptions.map(({destination}) => destination),
      ways: this.ways.map(({name, state}) => `${name} ${state}`),
      password: this.password,
    };
  }

  bmc(
    media: () => string | undefined,
    touch: (what: string) => void,
  ): Pick<
    Bmc,
    'state' | 'takes' | 'removeAccount' | 'endSession' | 'removeSubscription' | 'closeWay' | 'changePassword'
  > {
    return {
      state: async (depth) => {
        const image = media();
        return ok({
          accounts: [...this.accounts],
          sessions: [...this.sessions, {id: '8', user: 'rebuild', from: '10.9.0.2', own: true}],
          subscriptions: [...this.subscriptions],
          directories: [],
          ways: [...this.ways],
          media: image === undefined ? [] : [{slot: 'CD1', image}],
          certificates: [],
          firmware: depth === 'all' ? this.firmware : [],
        });
      },
      takes: async (password) => {
        const taken = password === this.password;
        this.counts.failures = taken ? 0 : this.counts.failures + 1;
        this.counts.worst = Math.max(this.counts.worst, this.counts.failures);
        return ok(taken);
      },
      removeAccount: async (id) => {
        touch('bmc.remove-account');
        drop(this.accounts, id);
        return ok('deleted');
      },
      endSession: async (id) => {
        touch('bmc.end-session');
        drop(this.sessions, id);
        return ok(undefined);
      },
      removeSubscription: async (id) => {
        touch('bmc.remove-subscription');
        drop(this.subscriptions, id);
        return ok(undefined);
      },
      closeWay: async (name) => {
        touch('bmc.close-way');
        const index = this.ways.findIndex((way) => way.name === name);
        const way = this.ways[index];
        if (!way || way.stays !== undefined) return failed(fault('bmc.feature-missing', `${name} cannot be closed`));
        this.ways[index] = {...way, state: 'closed'};
        return ok(undefined);
      },
      changePassword: async () => {
        touch('bmc.password');
        this.counts.changes++;
        this.password = 'newpassword';
        return ok(undefined);
      },
    };
  }
}

function drop(from: {readonly id: string}[], id: string): void {
  const index = from.findIndex((each) => each.id === id);
  if (index !== -1) from.splice(index, 1);
}
