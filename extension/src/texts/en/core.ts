import { number } from '../format.js';

/** What popup and console both say. */
export const core = {
  product: 'Leasehold',
  roles: { owner: 'Owner', operator: 'Operator', viewer: 'Viewer' },
  headline: {
    canBackUp: (able: number, total: number) => `${number(able)} of ${number(total)} machines can back up`,
    canBackUpShort: (able: number, total: number) => `${number(able)} of ${number(total)} can back up`,
    none: 'No machine is activated yet',
    noneSub: 'Restores need no license. The first machine shows here as soon as it is activated.',
    sub: (stopped: number, grace: number, total: number) =>
      [
        stopped > 0 ? `${number(stopped)} stopped` : '',
        grace > 0 ? `${number(grace)} in grace` : '',
        stopped + grace === 0 ? 'None stopped, none in grace' : '',
      ]
        .filter(Boolean)
        .join(', ') + `. Restores are open on all ${number(total)}.`,
  },
  health: {
    valid: (n: number) => `${number(n)} valid`,
    expires_soon: (n: number) => `${number(n)} expiring soon`,
    offline: (n: number) => `${number(n)} offline`,
    grace: (n: number) => `${number(n)} in grace`,
    stopped: (n: number) => `${number(n)} stopped`,
    online: (n: number) => `${number(n)} online now`,
    silent: (n: number) => `${number(n)} silent inside their lease`,
  },
  todo: {
    withOthers: (name: string, n: number) => `${name} and ${n} more ${n === 1 ? 'guest' : 'guests'}`,
    title: {
      stopped: (name: string) => `${name} makes no new backups`,
      renewal_grace: (name: string) => `${name} runs on an ended license`,
      shortage_grace: (name: string) => `${name}: short of a license`,
      replace_key: (name: string) => `${name} still runs on a pooled license`,
      fork: (name: string) => `${name}: two machines hold one lease`,
      expires_soon: (name: string) => `The license of ${name} ends soon`,
      lease_ends: (name: string) => `${name} has not checked in`,
      maintenance: (name: string) => `Maintenance of ${name}`,
    },
    until: {
      stopped: (at: string) => `Stopped since ${at} · restores stay open`,
      renewal_grace: (at: string) => `Renewal grace until ${at}`,
      shortage_grace: (at: string) => `Shortage grace until ${at}`,
      replace_key: (at: string) => `Replace key until ${at}`,
      fork: (at: string) => `Shortage grace until ${at} · both run until then`,
      expires_soon: (at: string) => `Valid until ${at}`,
      lease_ends: (at: string) => `Offline until ${at}`,
    },
    ago: (span: string) => `${span} ago`,
    left: (span: string) => `${span} left`,
    none: 'Nothing to do',
    noneSub: 'Every machine is covered, and no license in use ends soon.',
  },
  news: { several: (n: number, name: string) => `${n} new things to do at ${name}` },
  feed: {
    connecting: 'Connecting',
    verified: 'Live · verified',
    verifiedShort: 'verified',
    unverified: 'Live · checking',
    unverifiedShort: 'checking',
    offline: 'Offline',
    offlineSince: (at: string) => `Offline since ${at}`,
    refused: 'Not signed in',
    stopped: 'Stopped',
    lastEvent: (at: string) => `Last event ${at}`,
    asOf: (at: string) => `As of ${at}`,
  },
  ruler: (left: string, until: string) => `${left} left, until ${until}`,
  rulerPast: (ago: string, until: string) => `Ended ${ago} ago, ${until}`,
  popup: {
    open: 'Open console',
    connect: 'Connect an authority',
    empty: 'No authority is connected',
    emptySub: 'One pasted string connects this browser. The console opens for it.',
    switch: 'Show connection',
    more: (n: number) => `${n} more to do`,
    shut: {
      stopped: 'Stopped: what this authority shows could not be trusted.',
      refused: 'The token is no longer accepted.',
    },
    look: 'See what happened',
  },
};
