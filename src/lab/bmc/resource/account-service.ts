import type {JsonObject} from '../../../json.ts';
import {lockout, passwordLength, type Account, type Role} from '../accounts.ts';
import {at} from '../paths.ts';
import {collection, healthy, link, resource} from './collection.ts';

export const accountService: JsonObject = resource(
  at.accountService,
  'AccountService.v1_13_0.AccountService',
  'AccountService',
  'Account Service',
  {
    ServiceEnabled: true,
    MinPasswordLength: passwordLength.shortest,
    MaxPasswordLength: passwordLength.longest,
    AccountLockoutThreshold: lockout.threshold,
    AccountLockoutDuration: lockout.seconds,
    AccountLockoutCounterResetAfter: lockout.seconds,
    LocalAccountAuth: 'Enabled',
    Status: healthy,
    Accounts: link(at.accounts),
    Roles: link(at.roles),
  },
);

export const accountCollection = (all: readonly Account[]): JsonObject =>
  collection(
    at.accounts,
    'ManagerAccount',
    'Accounts',
    all.map(({id}) => link(at.account(id))),
  );

export const accountResource = ({id, name, role, enabled, locked}: Account): JsonObject =>
  resource(at.account(id), 'ManagerAccount.v1_10_0.ManagerAccount', id, 'User Account', {
    UserName: name,
    Password: null,
    RoleId: role,
    Enabled: enabled,
    Locked: locked,
    PasswordChangeRequired: false,
    AccountTypes: ['Redfish'],
    Links: {Role: link(at.role(role))},
  });

// DSP0266, 13.2: what the predefined roles may do.
const privileges: Readonly<Record<Role, readonly string[]>> = {
  Administrator: ['Login', 'ConfigureManager', 'ConfigureUsers', 'ConfigureComponents', 'ConfigureSelf'],
  Operator: ['Login', 'ConfigureComponents', 'ConfigureSelf'],
  ReadOnly: ['Login', 'ConfigureSelf'],
};

export const roleResource = (role: Role): JsonObject =>
  resource(at.role(role), 'Role.v1_3_0.Role', role, `${role} Role`, {
    RoleId: role,
    IsPredefined: true,
    AssignedPrivileges: privileges[role],
  });
