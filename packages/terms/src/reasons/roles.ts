/** Who can cure a refusal or end a warning (D-11), the nearest person first. */
export type Role = 'technician' | 'admin' | 'partner' | 'vendor';

const buyer: readonly Role[] = ['admin', 'partner'];
const seller: readonly Role[] = ['partner', 'vendor'];
const onSite: readonly Role[] = ['technician', 'admin'];
const admin: readonly Role[] = ['admin'];
const technician: readonly Role[] = ['technician'];

/** Causes that not the buyer of licenses cures: `<rule> <verdict> [code]`. */
const others: Readonly<Record<string, readonly Role[]>> = {
  'AIP-0.1 refuse LICENSE_REVOKED': seller,
  'AIP-0.1 refuse ALREADY_ASSIGNED': admin,
  'AIP-0.2 refuse OS_NOT_SUPPORTED': seller,
  'AIP-1.5 refuse FILE_BACKUP_ONLY': onSite,
  'AIP-2.1 refuse DISPOSITION_UNDECLARED': admin,
  'AIP-7.1 refuse HYPERAGENT_REQUIRED': onSite,
  'AIP-7.1a refuse HYPERAGENT_REQUIRED': onSite,
  'AIP-9.1 refuse UNLICENSED_MEDIA': onSite,
  'AIP-9.2 refuse MEDIA_OS': onSite,
  'AIP-9.3 refuse MEDIA_OS': onSite,
  'AIP-9.6 refuse ITPRO_CONCURRENT': onSite,
  'AIP-9.6 refuse ITPRO_MEDIUM_ELSEWHERE': onSite,
  'AIP-9.6 refuse ITPRO_TWO_MEDIA': onSite,
  'AIP-9.6 refuse ITPRO_TAKEN_OVER': onSite,
  'AIP-9.6 refuse ITPRO_ENDED': technician,
  'AIP-9.6 refuse VOUCHER_ENDED': onSite,
  'AIP-9.6 refuse VOUCHER_ELSEWHERE': onSite,
  'AIP-9.7 refuse ITPRO_PIN': technician,
  'AIP-9.6 warn SPARE_MEDIA_NOT_AT_SAME_TIME': technician,
  'AIP-9.7 refuse ITPRO_NOT_HOLDER': seller,
  'MSP-2 refuse ALREADY_ASSIGNED': admin,
  'MSP-4 refuse COMPANY_MISMATCH': admin,
  'MSP-9 refuse QUANTITY': admin,
  'MSP-9 refuse ADD_ON': admin,
  'MSP-11 refuse PAYMENT_MODE_REQUIRED': admin,
  'MSP-11 refuse PAYMENT_MODE_FIXED': seller,
  'LMP-1.4 refuse NO_POOL': admin,
  'LMP-1.5 warn LOWERS_FREE_UPGRADE_UNTIL': admin,
  'LMP-1.5 refuse MAINTENANCE_EXPIRED': seller,
  'LMP-1.6 refuse MAINTENANCE_EXPIRED': seller,
  'LMP-1.7 warn READ_ONLY_UNTIL_RENEWED': seller,
  'LMP-1.7 refuse PORTAL_LOCKED': seller,
  'LMP-2.4 refuse KEY_QUOTA_EXCEEDS_POOL': admin,
  'LMP-3.1 refuse CONFIRM_IRREVERSIBLE': admin,
  'LMP-3.2 warn CREATE_POOL_KEY_WITHIN_14_DAYS': admin,
  'LMP-3.3 refuse POOL_NAME_AND_TYPE': admin,
  'LMP-3.5 refuse QUOTA_REQUIRED': admin,
  'LMP-3.9 needs': admin,
  'LMP-3.10 refuse OVER_QUOTA': admin,
  'LMP-3.10 warn OVER_QUOTA': admin,
  'LMP-4.2 refuse METERED_NOT_POOLABLE': seller,
  'LMP-4.3 refuse POOLED_NOT_APPLICABLE': admin,
  'LMP-4.4 refuse POOLED_NOT_APPLICABLE': admin,
  'LMP-4.5 warn POOLED_GRACE': admin,
  'LMP-4.5 refuse STOPPED_POOLED': admin,
  'LMP-4.6 refuse IRREVERSIBLE': [],
  'LMP-4.8 refuse SERVER_TOO_OLD': onSite,
  'LMP-4.11 refuse TYPE_MIXED': admin,
  'LMP-4.13 refuse KEY_IN_USE_14_DAYS': onSite,
  'LMP-4.13 refuse KEY_LEASE_LIVE': onSite,
  'LMP-4.14 warn OFFLINE': onSite,
  'LMP-4.14 refuse ONLINE_REQUIRED': onSite,
  'LMP-4.15 refuse LICENSEE_NAME': admin,
  'LMP-4.16 refuse LEASE_EXPIRED': onSite,
  'LMP-P1 refuse KEY_IN_USE': admin,
  'D-5 refuse LEASE_EXPIRED': onSite,
  'D-5 refuse BAD_SIGNATURE': onSite,
  'D-7 refuse BAD_SIGNATURE': seller,
  'D-9 needs': admin,
  'D-10 warn PROPOSE_RELEASE': admin,
  'F-1 warn HOST_UNVERIFIED': admin,
  'F-2 warn HYPERAGENT_UNKNOWN': onSite,
  'F-3 warn INVENTORY_STALE': onSite,
  'F-7 refuse DISPOSITION_UNDECLARED': admin,
  'F-10 warn OS_UNKNOWN': technician,
  'F-10 warn MEDIA_EXPIRED': onSite,
  'F-10 warn CLOCK_WRONG': technician,
  'F-10 refuse OS_UNKNOWN': technician,
  'F-10 refuse MEDIA_EXPIRED': onSite,
  'F-10 refuse CLOCK_WRONG': technician,
  'F-11 refuse DATE_NOT_LATER': admin,
  'F-12 warn LEASE_ENDS': admin,
};

/** Who can cure a cause; nobody has to for an allow. A cause of a vendor's own is a matter of licenses. */
export function curedBy(cause: string): readonly Role[] {
  return cause.includes(' allow') ? [] : (others[cause] ?? buyer);
}
