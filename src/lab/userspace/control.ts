import type {z} from 'zod';
import {fault} from '../../fault.ts';
import {failed, ok, type Result} from '../../result.ts';
import type {EdgePolicy} from '../../step/world/edge.ts';
import type {Reach} from '../../step/world/vantage.ts';
import {askKeeper} from '../keeper/control-client.ts';
import {forwardAnswer, reachAnswer, standingSchema, switchRoutes, type PathOrder, type Standing} from './protocol.ts';

/** The switch of a lab in user space, from another process of this machine. */
export interface SwitchControl {
  standing(): Promise<Result<Standing>>;
  /** Undefined takes the policy away. */
  enforce(policy: EdgePolicy | undefined): Promise<Result<Standing>>;
  knock(path: PathOrder): Promise<Result<Reach>>;
  /** A TCP port on 127.0.0.1 that leads to the path's end, for as long as the lab is up. */
  forward(path: PathOrder): Promise<Result<number>>;
}

export function switchControl(socketPath: string): SwitchControl {
  const ask = askKeeper(socketPath);
  const asked = async <T>(route: string, schema: z.ZodType<T>, body?: object): Promise<Result<T>> => {
    const [method = '', path = ''] = route.split(' ');
    const answer = await ask(method, path, body);
    if (!answer.ok) return answer;
    const parsed = schema.safeParse(JSON.parse(answer.value.toString('utf8')));
    return parsed.success ? ok(parsed.data) : failed(fault('lab.failed', 'the lab’s keeper is of another version'));
  };
  return {
    standing: () => asked(switchRoutes.standing, standingSchema),
    enforce: (policy) => asked(switchRoutes.enforce, standingSchema, policy === undefined ? {} : {policy}),
    async knock(path) {
      const answer = await asked(switchRoutes.knock, reachAnswer, path);
      return answer.ok ? ok(answer.value.reach) : answer;
    },
    async forward(path) {
      const answer = await asked(switchRoutes.forward, forwardAnswer, path);
      return answer.ok ? ok(answer.value.local) : answer;
    },
  };
}
