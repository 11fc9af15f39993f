import type { RouteRow } from './route-row.js';

/** What the console and the admin commands call about machines and hosts. */
export const MACHINE_ROUTES = {
  machine: {
    method: 'GET',
    path: '/v1/admin/machines/:machine',
    access: 'viewer',
    scope: { machine: 'machine' },
    reply: 'MachineDetail',
    summary: 'One machine: its fork, declarations, evidence and seats',
  },
  machineDeclare: {
    method: 'POST',
    path: '/v1/admin/machines/:machine/declarations',
    access: 'operator',
    scope: { machine: 'machine', 'body.of': 'machine?' },
    request: 'MachineDeclare',
    reply: 'ChangeReply',
    summary: 'Say what only a person knows of a machine (AIP-2.1, AIP-2.2, F-6, F-7)',
  },
  machineRelease: {
    method: 'POST',
    path: '/v1/admin/machines/:machine/release',
    access: 'operator',
    scope: { machine: 'machine' },
    request: 'DryRunOnly',
    reply: 'MachineReleased',
    summary: 'Take its seat back from a machine (D-10)',
  },
  standbyCreate: {
    method: 'POST',
    path: '/v1/admin/machines/:machine/standbys',
    access: 'operator',
    scope: { machine: 'machine' },
    request: 'StandbyCreate',
    reply: 'ChangeReply',
    summary: 'Declare a standby of a machine (AIP-1.1, F-6)',
  },
  forkDecide: {
    method: 'POST',
    path: '/v1/admin/machines/:machine/fork',
    access: 'operator',
    scope: { machine: 'machine', 'body.license': 'license?' },
    request: 'ForkDecide',
    reply: 'ChangeReply',
    summary: 'Decide about a copy: replace, license it, retire',
  },
  licenseBind: {
    method: 'POST',
    path: '/v1/admin/licenses/:license/bind',
    access: 'operator',
    scope: { license: 'license', 'body.to.id': 'machine' },
    request: 'LicenseBind',
    reply: 'ChangeReply',
    summary: 'Bind a license to a machine, host or cluster group (AIP-5.4, AIP-6.1)',
  },
} as const satisfies Record<string, RouteRow>;
