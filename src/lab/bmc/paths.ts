/** Where this BMC keeps its resources. A client follows links instead; only the root is fixed (DSP0266, 6.5). */
const root = '/redfish/v1';
const system = `${root}/Systems/1`;
const manager = `${root}/Managers/bmc`;

export const at = {
  versions: '/redfish',
  root,
  service: `${root}/odata`,
  systems: `${root}/Systems`,
  system,
  reset: `${system}/Actions/ComputerSystem.Reset`,
  storages: `${system}/Storage`,
  storage: `${system}/Storage/1`,
  drive: (index: number) => `${system}/Storage/1/Drives/${index}`,
  chassisAll: `${root}/Chassis`,
  chassis: `${root}/Chassis/1`,
  managers: `${root}/Managers`,
  manager,
  slots: `${manager}/VirtualMedia`,
  slot: `${manager}/VirtualMedia/CD1`,
  insert: `${manager}/VirtualMedia/CD1/Actions/VirtualMedia.InsertMedia`,
  eject: `${manager}/VirtualMedia/CD1/Actions/VirtualMedia.EjectMedia`,
  logs: `${manager}/LogServices`,
  log: `${manager}/LogServices/Log`,
  entries: `${manager}/LogServices/Log/Entries`,
  entry: (id: number) => `${manager}/LogServices/Log/Entries/${id}`,
  sessionService: `${root}/SessionService`,
  sessions: `${root}/SessionService/Sessions`,
  session: (id: string) => `${root}/SessionService/Sessions/${id}`,
} as const;
