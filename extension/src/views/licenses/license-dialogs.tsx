import { useDraft } from '../../components/use-draft.js';
import { isChangeReply } from '@leasehold/protocol/guards';
import { AskDialog } from '../../components/ask-dialog.js';
import { ConfirmDialog, FormDialog } from '../../components/dialog.js';
import { Choice, Field, SelectField } from '../../components/field.js';
import { ProblemNote } from '../../components/problem.js';
import { useResource } from '../../components/use-resource.js';
import { runBulk, type Bulk } from '../../model/bulk.js';
import { quoteIn } from '../../model/buying.js';
import { GOODS } from '../../model/licenses.js';
import type { Live } from '../../model/live.js';
import { createResource } from '../../model/resource.js';
import type { LicenseRow } from '../../model/rows.js';
import { b } from '../../texts/buying.js';
import { d } from '../../texts/decide.js';
import { day, number } from '../../texts/format.js';
import { typeName } from '../../texts/names.js';
import { p } from '../../texts/pages.js';
import { MachinePicker } from '../plan/machine-picker.js';
import { CompanySelect } from './buy-dialog.js';

interface Props {
  readonly live: Live;
  readonly close: (isDone?: true) => void;
}

export function AssignDialog({ live, license, close }: Props & { license: LicenseRow }) {
  const words = p.value.licenses;
  const form = `assign ${license.id}`;
  const [to, setTo] = useDraft(form, 'to', '');
  const [kind, setKind] = useDraft<'computer' | 'domain'>(form, 'kind', 'computer');
  return (
    <AskDialog
      live={live}
      title={words.assignTitle(license.id)}
      act={words.assignAct(license.id)}
      draft={form}
      route="licenseAssign"
      isReply={isChangeReply}
      params={{ license: license.id }}
      body={to.trim() === '' ? undefined : { to: to.trim(), kind }}
      close={close}
    >
      <Choice
        label={words.assignKind}
        value={kind}
        set={(chosen) => {
          setKind(chosen);
          setTo('');
        }}
        options={[
          { value: 'computer', label: words.computerKind },
          { value: 'domain', label: words.domainKind },
        ]}
      />
      {kind === 'computer' ? (
        <MachinePicker
          live={live}
          label={words.assignTo}
          hint={d.value.otherHint}
          chosen={undefined}
          set={setTo}
          draft={form}
        />
      ) : (
        <Field label={words.assignTo} value={to} set={setTo} required />
      )}
    </AskDialog>
  );
}

interface ManyProps extends Props {
  readonly licenses: readonly LicenseRow[];
  readonly done: (undo: Bulk | null) => void;
}

/** Of many, so many are named; the others are counted. */
const SHOWN = 5;

const holderOf = ({ computerName, assignedTo, id }: LicenseRow): string => computerName ?? assignedTo ?? id;

/** Takes licenses off their computers (`release`), or from everyone for good (`revoke`), all or nothing: a license that
 * counts for nothing any more leaves restores open too (D-1). Hands on what puts them back. */
export function TakeBackDialog({ live, licenses, action, done, close }: ManyProps & { action: 'release' | 'revoke' }) {
  const rest = licenses.length - SHOWN;
  const { andMore, revokeTitle, revokeLead, revokeAct, revokeEffect, revokeEffectSub } = p.value.licenses;
  const { stopTitle, stopLead, stopAct, stopEffect } = b.value;
  const [title, lead, act, effect] =
    action === 'release'
      ? ([revokeTitle, revokeLead, revokeAct, revokeEffect] as const)
      : ([stopTitle, stopLead, stopAct, stopEffect] as const);
  const first = licenses[0]?.id ?? '';
  return (
    <ConfirmDialog
      title={title(licenses.length, first)}
      lead={lead}
      act={act(licenses.length, first)}
      close={close}
      consequences={licenses.slice(0, SHOWN).map((license, n) => ({
        icon: 'alert',
        tone: 'attention',
        title:
          license.status === 'expired'
            ? b.value.ended(holderOf(license), day(license.validUntil ?? ''))
            : license.used === 0
              ? d.value.title(license.id, p.value.licenses.unused)
              : effect(holderOf(license)),
        body: n === SHOWN - 1 && rest > 0 ? `${revokeEffectSub} ${andMore(number(rest))}` : revokeEffectSub,
      }))}
      run={async () => {
        const items = licenses.map(({ id }) => ({ license: id }));
        done(await runBulk(live, { action, items }));
      }}
    />
  );
}

/** Another type for the computer: a free license takes the place of this one, which is free then (MSP-2). In the place of a
 * trial it may be one of the same type. */
export function ChangeTypeDialog({ live, license, close }: Props & { license: LicenseRow }) {
  const words = b.value;
  const { id, kind } = license;
  const isTrial = kind === 'trial';
  const form = `type ${id}`;
  const types = GOODS.msp.filter((type) => isTrial || type !== license.type);
  const [chosen, setType] = useDraft(form, 'type', isTrial ? license.type : '');
  const type = types.includes(chosen) ? chosen : types[0]!;
  return (
    <AskDialog
      live={live}
      title={isTrial ? words.grantTitle(id) : words.typeTitle(id)}
      lead={words.typeLead}
      act={isTrial ? words.grantAct(id) : words.typeTitle(id)}
      draft={form}
      route="licenseChangeType"
      isReply={isChangeReply}
      params={{ license: id }}
      body={{ type }}
      effects={({ decision }) => [
        {
          icon: 'license',
          title: words.typeEffect(holderOf(license), String(decision.value?.['license'])),
          body: words.typeSub(id),
        },
      ]}
      close={close}
    >
      <SelectField
        label={words.type}
        value={type}
        set={setType}
        options={types.map((value) => ({ value, label: typeName(value) }))}
      />
    </AskDialog>
  );
}

/** To a company and a user of it (MSP-3, MSP-4): one of the two levels of an assignment; its computer stays as it is. */
export function GrantUserDialog({ live, license, close }: Props & { license: LicenseRow }) {
  const words = b.value;
  const { id, companyId } = license;
  const form = `grant ${id}`;
  const [company, setCompany] = useDraft(form, 'company', companyId ?? '');
  const [user, setUser] = useDraft(form, 'user', license.user ?? '');
  return (
    <AskDialog
      live={live}
      title={words.userTitle(id)}
      lead={words.releaseSub}
      act={words.userTitle(id)}
      draft={form}
      route="licenseGrant"
      isReply={isChangeReply}
      params={{ license: id }}
      body={{ company: company || null, user: user.trim() || null }}
      close={close}
    >
      <CompanySelect live={live} value={company} set={setCompany} />
      <Field label={p.value.licenses.user} value={user} set={setUser} />
    </AskDialog>
  );
}

/** Off the user, not off the computer: the two levels of an assignment (MSP-3). */
export function ReleaseUserDialog({ live, license, close }: Props & { license: LicenseRow }) {
  const words = b.value;
  return (
    <AskDialog
      live={live}
      title={words.releaseTitle(license.id)}
      act={words.releaseAct(license.id)}
      danger
      consequences={[{ icon: 'info', title: words.releaseEffect(license.user ?? ''), body: words.releaseSub }]}
      route="licenseGrant"
      isReply={isChangeReply}
      params={{ license: license.id }}
      body={{ company: license.companyId, user: null }}
      close={close}
    />
  );
}

/** Orders the renewal (D-7); what it costs and the new end are said before. */
export function RenewDialog({ live, licenses, close }: Props & { licenses: readonly LicenseRow[] }) {
  const words = b.value;
  const first = licenses[0]?.id ?? '';
  const body = { licenses: licenses.map(({ id }) => id) };
  const quote = useResource(live, `renew ${JSON.stringify(body)}`, () =>
    createResource((signal) =>
      live.authority.call('renewalCreate', isChangeReply, { body: { ...body, dryRun: true }, signal }),
    ),
  );
  const { amount, until } = quoteIn(quote.data.value?.decision.value);
  return (
    <FormDialog
      title={words.renewTitle(licenses.length, first)}
      lead={words.renewLead}
      act={words.renewAct(licenses.length, first)}
      ready={quote.data.value !== undefined}
      close={close}
      run={async () => void (await live.authority.call('renewalCreate', isChangeReply, { body }))}
    >
      <ProblemNote problem={quote.problem.value} />
      {quote.data.value !== undefined && until !== '' && (
        <p class="strong" role="status">
          {words.total(amount ?? words.byInvoice, day(until))}
        </p>
      )}
    </FormDialog>
  );
}
