import {
  anyText,
  closed,
  day,
  entries,
  flag,
  idOf,
  iso,
  listOf,
  nullable,
  object,
  oneOf,
  optional,
  quantity,
  text,
  timeZone,
  count,
  type Check,
} from '../reading.js';

const paymentMode = oneOf('monthly', 'annual');

/** Facts of the instance profile. */
export const instanceFacts: Readonly<Record<string, Check>> = {
  account: optional(
    object({
      paymentMode: optional(nullable(paymentMode)),
      purchases: optional(count),
      timeZone: optional(timeZone),
    }),
  ),
  companies: optional(entries(object({ id: text, name: anyText }))),
  instances: optional(
    entries(
      object({
        id: text,
        companyId: text,
        os: oneOf('windows_server', 'windows_client', 'linux', 'macos', 'unknown'),
        wantsType: optional(text),
        domain: optional(text),
        shortSince: optional(iso),
      }),
    ),
  ),
  licenses: optional(
    entries(
      object({
        id: text,
        // Any text: a type that this catalog does not know is shown like the others.
        type: text,
        kind: oneOf('commercial', 'trial'),
        companyId: nullable(text),
        assignedTo: nullable(text),
        assignedKind: optional(oneOf('computer', 'domain')),
        computerName: optional(nullable(anyText)),
        user: optional(nullable(anyText)),
        validUntil: day,
        autoRenew: flag,
      }),
    ),
  ),
};

const instanceId = idOf('instances');

const filters = optional(
  closed({
    search: optional(anyText),
    company: optional(text),
    kind: optional(oneOf('commercial', 'trial')),
    validity: optional(oneOf('all', 'valid', 'expired')),
    usage: optional(oneOf('all', 'used', 'unused')),
    autoRenewOnly: optional(flag),
  }),
);

/** Action → shape of its request. */
export const instanceRequests: Readonly<Record<string, Check>> = {
  backup: object({ instance: instanceId }),
  // A restore may be asked for an instance that nothing is known of: that never holds it up (D-1).
  restore: object({ instance: optional(text) }),
  'license.assign': object({ license: idOf('licenses'), instance: instanceId }),
  'license.pick': object({ instance: instanceId, type: optional(text) }),
  'license.required_quantity': object({ type: text, until: day }),
  'license.list': object({ filters }),
  'license.groups': object({ filters, types: optional(listOf(text)) }),
  // How many and which add-ons is judged by MSP-9; here it only must be a number and a list.
  'license.buy': object({
    type: text,
    quantity,
    paymentMode: optional(nullable(paymentMode)),
    addOns: optional(listOf(text)),
  }),
};
