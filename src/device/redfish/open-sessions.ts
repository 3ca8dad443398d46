import {ok, type Result} from '../../result.ts';
import type {BmcSession} from '../../step/bmc/state.ts';
import type {Client} from './client.ts';
import {idOf, membersOf, short, type Resource} from './members.ts';
import {text} from './tree.ts';

// iDRAC has room for 8 of each kind, XCC for 16.
const mostSessions = 128;

/** Everyone who is logged in, by web page, Redfish or another way that the BMC lists as a session. */
export async function readSessions(
  client: Client,
  sessions: string | undefined,
  own: string | undefined,
): Promise<Result<readonly (BmcSession & Resource)[]>> {
  const members = await membersOf(client, sessions, mostSessions);
  if (!members.ok) return members;
  return ok(
    members.value.map((member) => ({
      ...member,
      id: idOf(member.path),
      user: short(text(member.body, 'UserName') ?? ''),
      from: short(
        [text(member.body, 'ClientOriginIPAddress'), text(member.body, 'SessionType')].filter(Boolean).join(' '),
      ),
      own: own !== undefined && bare(member.path) === bare(own),
    })),
  );
}

/** bmcweb adds a slash to what it links. */
const bare = (path: string): string => path.replace(/\/+$/, '');
