import type { RouteRow } from './route-row.js';

/** What agents, media and monitors call. */
export const AGENT_ROUTES = {
  health: { method: 'GET', path: '/healthz', access: 'public', reply: 'HealthReply', summary: 'Is the process alive' },
  ready: { method: 'GET', path: '/readyz', access: 'public', reply: 'HealthReply', summary: 'Can it serve' },
  keyset: {
    method: 'GET',
    path: '/v1/keyset',
    access: 'public',
    reply: 'KeysetReply',
    summary: 'The root-signed keyset',
  },
  time: {
    method: 'GET',
    path: '/v1/time/:nonce',
    access: 'public',
    reply: 'TimeReply',
    summary: 'The time, signed for the nonce of a machine whose clock is wrong',
  },

  activate: {
    method: 'POST',
    path: '/v1/activate',
    access: 'device',
    request: 'ActivateRequest',
    reply: 'CheckInReply',
    summary: 'Take a seat by license key; the same machine gets the same seat',
  },
  checkIn: {
    method: 'POST',
    path: '/v1/check-in',
    access: 'device',
    request: 'CheckInRequest',
    reply: 'CheckInReply',
    summary: 'Renew the lease; usage and refusals ride along',
  },
  deactivate: {
    method: 'POST',
    path: '/v1/deactivate',
    access: 'device',
    request: 'DeactivateRequest',
    reply: 'DeactivateReply',
    summary: 'Give the seat back',
  },
  inventory: {
    method: 'POST',
    path: '/v1/inventory',
    access: 'device',
    request: 'AgentInventory',
    reply: 'AgentInventoryReply',
    summary: 'Tell of the hypervisor hosts that a HyperAgent reaches, and of their guests',
  },
  sessionStart: {
    method: 'POST',
    path: '/v1/sessions',
    access: 'device',
    request: 'SessionStartRequest',
    reply: 'SessionReply',
    summary: 'Start an IT Pro session',
  },
  sessionBeat: {
    method: 'POST',
    path: '/v1/sessions/:session/beat',
    access: 'device',
    request: 'SessionBeatRequest',
    reply: 'SessionReply',
    summary: 'Keep it',
  },
  sessionEnd: {
    method: 'POST',
    path: '/v1/sessions/:session/end',
    access: 'device',
    request: 'SessionEndRequest',
    reply: 'SessionEndReply',
    summary: 'End it',
  },
} as const satisfies Record<string, RouteRow>;
