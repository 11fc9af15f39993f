import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROUTES, type RouteName } from '@leasehold/protocol';
import { describe, expect, test } from 'vitest';

const SOURCES = join(import.meta.dirname, '../../extension/src');
const sources = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.tsx') || path.endsWith('.ts'))
  .map((path) => ({ path, text: readFileSync(join(SOURCES, path), 'utf8') }));

/** Everything in the console that changes something: each use of a route that is no question. */
const changes = (Object.keys(ROUTES) as RouteName[]).filter((name) => ROUTES[name].method !== 'GET');
const uses = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/'(\w+)'|route="(\w+)"/g)]
    .map((found) => ({ path, route: (found[1] ?? found[2]) as RouteName, before: text.slice(0, found.index) }))
    .filter(({ route, before }) => changes.includes(route) && !before.endsWith(': ')),
);

/** Acts without a question before them: each only adds, or has its way back where it was done. */
const UNASKED: Readonly<Partial<Record<RouteName, string>>> = {
  advise: 'changes nothing: a question with a body',
  exchange: 'looked at first: the same page asks by a dry run what the file wants',
  licensesBulk: 'the bar that it leaves undoes it; what takes something has its consequences before, too',
  licenseAutoRenew: 'the same switch turns it back',
  orderCreate: 'adds; the price of the dry run stands in the form, and an open order can be voided',
  renewalCreate: 'adds; the new end and the price of the dry run stand in the form',
  orderPayLink: 'adds a link',
  poolCreate: 'adds an empty pool',
  poolKeyCreate: 'adds a key, which can be deleted',
  poolSetQuota: 'set again in the same field; the rules refuse less than its keys hold (LMP-2.3)',
  poolKeySetQuota: 'set again in the same field; less than is in use is asked about',
  poolKeySetRenewing: 'goes on renewing; to stop is asked about',
  mediaStamp: 'adds a passport',
};

/** Acts that take something from somebody, or that cannot be undone: each says by a dry run what it does. */
const ASKED = [
  'codeCreate',
  'forkDecide',
  'grantCreate',
  'grantTakeBack',
  'hostForget',
  'licenseAssign',
  'licenseBind',
  'licenseChangeType',
  'licenseGrant',
  'licenseReassign',
  'machineDeclare',
  'machineRelease',
  'maintenanceOrder',
  'maintenanceRenew',
  'orderPay',
  'orderRefund',
  'orderVoid',
  'poolConvert',
  'poolKeyDeactivate',
  'poolKeyDelete',
  'poolKeySetQuota',
  'poolKeySetRenewing',
  'sessionStop',
  'standbyCreate',
  'trialRequest',
  'voucherCreate',
] as const satisfies readonly RouteName[];

describe('every act of the console', () => {
  test('is one that this table knows, and the table knows no other', () => {
    const known = [...new Set([...Object.keys(UNASKED), ...ASKED])].sort();
    expect([...new Set(uses.map(({ route }) => route))].sort()).toEqual(known);
  });

  test.each(ASKED)('%s is asked about first: its dialog shows what the dry run said', (route) => {
    const asked = uses.filter((use) => use.route === route && !use.before.endsWith('.call('));
    expect(asked.length).toBeGreaterThan(0);
    for (const { path } of asked) expect(sources.find((each) => each.path === path)!.text).toContain('<AskDialog');
    if (!(route in UNASKED)) expect(asked).toHaveLength(uses.filter((use) => use.route === route).length);
  });

  test('a bulk act that takes something shows its consequences, and every one leaves its way back', () => {
    const textOf = (path: string) => sources.find((each) => each.path === path)!.text;
    const callers = sources.filter(({ text }) => /\brunBulk\(/.test(text)).map(({ path }) => path);
    expect(callers.sort()).toEqual([
      'model/bulk.ts',
      'views/licenses/license-dialogs.tsx',
      'views/licenses/selection-bar.tsx',
      'views/licenses/undo-bar.tsx',
    ]);
    expect(textOf('views/licenses/license-dialogs.tsx')).toMatch(/<ConfirmDialog[^]*?done\(await runBulk/);
    expect(textOf('views/licenses/selection-bar.tsx')).toContain('done(await runBulk(');
    expect(textOf('views/licenses/selection-bar.tsx')).not.toMatch(/bulk\.run\('(release|revoke)'\)/);
  });

  test('what leaves this browser is asked about, too', () => {
    for (const { path, text } of sources.filter((each) => each.text.includes('await removeConnection(')))
      expect(text, path).toMatch(/<ConfirmDialog[^]*removeConnection\(platform/);
  });
});

/** Fields whose text is a secret, or that make sure: given anew each time. */
const NOT_KEPT = [
  'components/dialog.tsx setTyped',
  'views/connect.tsx setPasted',
  'views/technicians/register-dialog.tsx setPin',
];

test('what is typed in a form is kept by it: no field lives in a state that goes with the page', () => {
  const forms = sources.filter(({ text }) => /<(Field|SelectField|Choice|textarea|input)\b/.test(text));
  expect(forms.length).toBeGreaterThan(15);
  const lost = forms.flatMap(({ path, text }) =>
    [...text.matchAll(/(set\w+)\] = useState(?:<string>)?\((?:'|\w+ \?\? ')/g)].map((found) => `${path} ${found[1]}`),
  );
  expect(lost.sort()).toEqual(NOT_KEPT);
  // A dialog forgets by its form's name what its fields keep by it.
  for (const { path, text } of forms.filter(
    (each) => each.text.includes('useDraft(') && /<(Form|Ask)Dialog/.test(each.text),
  ))
    expect(text, path).toMatch(/draft=[{"]/);
});
