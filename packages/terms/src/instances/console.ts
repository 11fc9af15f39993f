import type { Judges } from '../kinds.js';
import { allow, refuse, type Question } from '../question.js';
import { instanceLicenses } from './holdings.js';
import {
  emptyTexts,
  groupLicenses,
  listLicenses,
  type LicenseFilters,
  type LicenseGroup,
  type LicenseView,
} from './list.js';
import { refuseOrder, refusePayment, type Order } from './purchase.js';
import { requiredQuantity } from './quantity.js';

/** What the licenses page shows and sells. */
export interface ConsoleParams {
  'console.required': object;
  /** Ids of the rows that the filters leave; an empty list says so, whatever emptied it (rules 1.8). */
  'console.list': object;
  /** The rows by type: where a type was never requested MSP-10 speaks, else MSP-8. */
  'console.groups': { readonly neverRequested: boolean };
  'buy.order': { readonly addOns: readonly string[] };
  'buy.payment': object;
}

export const consoleKinds: Judges<ConsoleParams> = {
  'console.required': (question, row) => {
    const ask = { type: question.text('type'), until: question.text('until'), today: today(question) };
    const required = requiredQuantity(question.facts.instances ?? [], instanceLicenses(question), ask);
    return allow(row, { value: { required } });
  },
  'console.list': (question, row) => {
    const ids = listLicenses(viewOf(question), filtersOf(question)).map((license) => license.id);
    return allow(row, { value: ids.length > 0 ? { ids } : { ids, emptyText: emptyTexts.no_match } });
  },
  'console.groups': (question, row) => {
    const types = question.request['types'] as readonly string[] | undefined;
    const groups = groupLicenses(viewOf(question), filtersOf(question), types);
    const neverRequested = groups.some((group) => group.empty === 'not_purchased');
    return row.neverRequested === neverRequested ? allow(row, { value: { groups: groups.map(rowOf) } }) : undefined;
  },
  'buy.order': (question, row) => {
    const code = refuseOrder(orderOf(question), row.addOns);
    return code === null ? undefined : refuse(row, code);
  },
  'buy.payment': (question, row) => {
    const code = refusePayment(orderOf(question), question.facts.account ?? {});
    return code === null ? undefined : refuse(row, code);
  },
};

function rowOf({ type, licenses, expandable, empty }: LicenseGroup): Readonly<Record<string, unknown>> {
  const row = { type, count: licenses.length, expandable };
  return empty === undefined ? row : { ...row, emptyText: emptyTexts[empty] };
}

function today(question: Question): string {
  return question.clock.today(question.timeZone);
}

function viewOf(question: Question): LicenseView {
  const { instances = [], companies = [] } = question.facts;
  return { licenses: instanceLicenses(question), instances, companies, today: today(question) };
}

function filtersOf(question: Question): LicenseFilters {
  return (question.request['filters'] as LicenseFilters | undefined) ?? {};
}

function orderOf(question: Question): Order {
  return question.request as unknown as Order;
}
