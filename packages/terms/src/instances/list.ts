import type { Company, Day, Instance, MspLicense } from '../model.js';
import { compare } from '../order.js';

/** What the console's grid is drawn from; `today` is the account's calendar day. */
export interface LicenseView {
  readonly licenses: readonly MspLicense[];
  readonly instances: readonly Instance[];
  readonly companies: readonly Company[];
  readonly today: Day;
}

/** The search box and the five filters of MSP-7, combined by AND; an absent one stands for its default. */
export interface LicenseFilters {
  readonly search?: string;
  /** A company's id; `all` clears it. */
  readonly company?: string;
  /** The one filter without "All"; `commercial` by default. */
  readonly kind?: 'commercial' | 'trial';
  readonly validity?: 'all' | 'valid' | 'expired';
  /** Looked at in the commercial view only (MSP-7.4). */
  readonly usage?: 'all' | 'used' | 'unused';
  readonly autoRenewOnly?: boolean;
}

/** One row of the grid (MSP-8). `empty` says why there is nothing in it: never requested (MSP-10) or filtered away. */
export interface LicenseGroup {
  readonly type: string;
  readonly licenses: readonly MspLicense[];
  readonly expandable: boolean;
  readonly empty?: 'not_purchased' | 'no_match';
}

/** The two empty texts of the second source's console; the first is its exact wording (MSP-10). */
export const emptyTexts: Readonly<Record<'not_purchased' | 'no_match', string>> = {
  not_purchased: 'You have not purchased licenses of this type',
  no_match: 'No licenses match the filters',
};

/** Is the license past its last day? Days are inclusive; auto-renew moves the date itself, so it is not asked (1.8). */
export function isPast(license: MspLicense, today: Day): boolean {
  return license.validUntil < today;
}

/** Does a domain license stand for this instance? Its `assignedTo` is the domain, with or without the `domain:` mark. */
export function isOfDomain(license: MspLicense, instance: Instance): boolean {
  if (license.assignedKind !== 'domain' || instance.domain === undefined) return false;
  return license.assignedTo === instance.domain || license.assignedTo === `domain:${instance.domain}`;
}

/** The licenses that search box and filters leave, ordered by id (MSP-7 to MSP-7.5). */
export function listLicenses(view: LicenseView, filters: LicenseFilters): MspLicense[] {
  const keep = [
    ofKind(filters),
    ofCompany(view, filters),
    ofValidity(view, filters),
    ofUsage(filters),
    ofRenewal(filters),
    found(view, filters),
  ];
  return view.licenses.filter((license) => keep.every((test) => test(license))).sort(byId);
}

/** The grid: one group for each type, in the order asked; without `types` those that the filters leave, by name (MSP-8). */
export function groupLicenses(view: LicenseView, filters: LicenseFilters, types?: readonly string[]): LicenseGroup[] {
  const rows = listLicenses(view, filters);
  const shown = types ?? [...new Set(rows.map((license) => license.type))].sort();
  const requested = ofKind(filters);
  return shown.map((type) => {
    const licenses = rows.filter((license) => license.type === type);
    const group = { type, licenses, expandable: licenses.length > 1 };
    if (licenses.length > 0) return group;
    // asked for each type and kind, before any other filter.
    const purchased = view.licenses.some((license) => license.type === type && requested(license));
    return { ...group, empty: purchased ? 'no_match' : 'not_purchased' };
  });
}

type Test = (license: MspLicense) => boolean;
const any: Test = () => true;

function byId(one: MspLicense, other: MspLicense): number {
  return compare(one.id, other.id);
}

function ofKind(filters: LicenseFilters): Test {
  const kind = filters.kind ?? 'commercial';
  return (license) => license.kind === kind;
}

/** assigned to the company's instances, or bought for the company. */
function ofCompany(view: LicenseView, filters: LicenseFilters): Test {
  const company = filters.company ?? 'all';
  if (company === 'all' || company === 'All') return any;
  const own = view.instances.filter((instance) => instance.companyId === company);
  const ids = new Set(own.map((instance) => instance.id));
  return (license) =>
    license.companyId === company ||
    (license.assignedTo !== null && ids.has(license.assignedTo)) ||
    own.some((instance) => isOfDomain(license, instance));
}

function ofValidity(view: LicenseView, filters: LicenseFilters): Test {
  const validity = filters.validity ?? 'all';
  if (validity === 'all') return any;
  return (license) => isPast(license, view.today) === (validity === 'expired');
}

function ofUsage(filters: LicenseFilters): Test {
  const usage = filters.usage ?? 'all';
  if (usage === 'all' || filters.kind === 'trial') return any;
  return (license) => (license.assignedTo !== null) === (usage === 'used');
}

function ofRenewal(filters: LicenseFilters): Test {
  return filters.autoRenewOnly === true ? (license) => license.autoRenew : any;
}

/** The search box looks at id, type, computer, company and assignee, without case (1.8). */
function found(view: LicenseView, filters: LicenseFilters): Test {
  const text = (filters.search ?? '').trim().toLowerCase();
  if (text === '') return any;
  const names = new Map(view.companies.map((company) => [company.id, company.name]));
  return (license) => {
    const company = license.companyId === null ? [] : [license.companyId, names.get(license.companyId)];
    const fields = [license.id, license.type, license.computerName, ...company, license.assignedTo, license.user];
    return fields.some((field) => field?.toLowerCase().includes(text) === true);
  };
}
