// One source for both manifests: what differs between the browsers stands here and nowhere else.

/** Public half of an RSA key: it fixes the Chromium id, so that policies and native hosts can name the extension. */
const CHROMIUM_KEY =
  'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqHIk8OkUjZf78wQAFcsKczHQ6T2Oad3I0IbnzpicqrkALTOItN65M/LT8+SUU6ghF7vwA/2n5KTO9dnqxlnEhL+fSTL7jVJC2jqResLMclNsSJeh4e9GTj/+084R3sCw7Q4msIvpA7Hjjb7nd1msvPSR+6TDCQMtff1qKGmWYyVEZLFRGnMOUv28mq5urasasuSETiP6bgp+TzFl+Vz1faspPzlrJzkHGgbKlpmOG3m5M/ODqDFgtTUH6OIjcKGdf5OfxW6x52yjS1AOnyfdQ1Swfdv/Z7aV3H8o4O6aYtSsCvWwL1pUFCfJVqUPmZUNkPs7UQ2wZH3oO7UVGlX9EQIDAQAB';

export const GECKO_ID = 'leasehold@leasehold.example';

/** Only the console's own files run or style anything; data may come from any authority a person connected. An own policy
 * also keeps Firefox from rewriting http addresses of authorities inside a LAN. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  'connect-src http: https:',
  "object-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const ICONS = { 16: 'icons/16.png', 32: 'icons/32.png', 48: 'icons/48.png', 128: 'icons/128.png' };

const COMMON = {
  manifest_version: 3,
  name: 'Leasehold',
  description: '__MSG_description__',
  default_locale: 'en',
  icons: ICONS,
  action: { default_popup: 'popup.html', default_title: 'Leasehold', default_icon: ICONS },
  options_ui: { page: 'console.html', open_in_tab: true },
  permissions: ['storage', 'alarms'],
  // Asked for by the click that turns them on: This machine, notifications.
  optional_permissions: ['nativeMessaging', 'notifications'],
  // Asked for one origin at a time, by the click that connects to it.
  optional_host_permissions: ['https://*/*', 'http://*/*'],
  content_security_policy: { extension_pages: CONTENT_SECURITY_POLICY },
};

const BROWSERS = {
  chromium: {
    key: CHROMIUM_KEY,
    // The first with Ed25519 in WebCrypto.
    minimum_chrome_version: '137',
    storage: { managed_schema: 'policy.json' },
    background: { service_worker: 'background.js', type: 'module' },
  },
  firefox: {
    background: { scripts: ['background.js'], type: 'module' },
    browser_specific_settings: {
      gecko: { id: GECKO_ID, strict_min_version: '140.0', data_collection_permissions: { required: ['none'] } },
    },
  },
};

/** The `_locales` messages: what a browser shows of an extension before it runs. */
export const LOCALES = {
  en: { description: { message: 'Live console for backup licenses: what is covered, what is stopped, what to do.' } },
  ja: {
    description: {
      message: 'バックアップライセンスのライブコンソール。適用状況、停止、次の対応をひと目で確認できます。',
    },
  },
};

/** What an administrator may set for all browsers (Chromium reads it; Firefox takes the same values as they are). */
export const POLICY = {
  type: 'object',
  properties: {
    connections: {
      title: 'Connection strings',
      description: 'Offered to every person on the page Connect; each still connects by a click.',
      type: 'array',
      items: { type: 'string' },
    },
  },
};

export const TARGETS = Object.keys(BROWSERS);

/** The manifest for `chromium` or `firefox`. */
export const manifestFor = (browser, version) => ({ ...COMMON, version, ...BROWSERS[browser] });
