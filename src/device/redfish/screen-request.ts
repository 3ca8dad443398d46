import type {ScreenAction} from '../profile/screen.ts';
import type {Resource} from './members.ts';
import {link, member, text} from './tree.ts';

/** The path of the resource that has the action, from the manager's. Pure. */
export function screenService({at}: ScreenAction, manager: Resource): string {
  switch (at.is) {
    case 'manager':
      return manager.path;
    case 'service':
      return link(manager.body, ...at.by) ?? below(manager.path, at.below);
    default:
      return at satisfies never;
  }
}

/**
 * Where the action is posted to: what its resource shows, or, where it shows no actions at all, the place that DSP0266
 * gives them (`Actions/` and the action's name). Undefined where it shows its actions and this is none of them. Pure.
 */
export function screenTarget({action}: ScreenAction, {path, body}: Resource): string | undefined {
  if (member(body, 'Actions') === undefined) return below(path, `Actions/${action.replace(/^#/, '')}`);
  return text(body, 'Actions', action, 'target') ?? text(body, 'Actions', 'Oem', action, 'target');
}

const below = (path: string, rest: string): string => `${path.replace(/\/+$/, '')}/${rest}`;
