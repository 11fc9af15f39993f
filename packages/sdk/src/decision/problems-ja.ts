import type { ProblemCode } from '@leasehold/protocol';

const AGAIN =
  'ライセンスキーでもう一度認証してください。同じマシンであれば元のシートがそのまま戻ります。リストアはいつでも実行できます。';
const RETRIED = 'ネットワーク、プロキシ、ファイアウォールの設定を確認してください。接続は自動的に再試行されます。';
const NEWER = '新しいバージョンの製品をもう一度インストールするか、このバージョンをライセンスキーで認証してください。';
const OTHER_ROOT = 'ライセンスサーバーの URL と、製品に設定されたルートキーを確認してください。';

/** What keeps an installation from a license, in Japanese: sentence and cure. By code, since the English of a problem names
 * hosts and files; a code that is not here speaks English. */
export const PROBLEMS_JA: Readonly<
  Partial<Record<ProblemCode | 'FIRST_RUN', readonly [sentence: string, cure: string]>>
> = {
  NOT_ACTIVATED: ['このインストールにはまだライセンスがありません。', 'ライセンスキーで認証してください。'],
  FIRST_RUN: [
    'このインストールにはまだライセンスがありませんが、{until} まではバックアップを続けられます。',
    'それまでにライセンスキーで認証してください。',
  ],
  MACHINE_CHANGED: [
    'リースが発行されたときのハードウェアではありません。',
    '一度ライセンスサーバーに接続してください。移動したマシンかどうかはサーバーが判断します。バックアップは不足時の猶予期間中は続けられます。',
  ],
  LICENSE_KEY_TYPO: ['ライセンスキーに入力ミスがあります。', '文字を一つずつ確認して、もう一度入力してください。'],
  LICENSE_KEY_UNKNOWN: [
    'このライセンスキーはライセンスサーバーに登録されていません。',
    'キーとライセンスサーバーの URL を確認してください。新しいキーが発行されている場合は、そちらを使用してください。',
  ],
  SEATS_EXHAUSTED: [
    'このライセンスのシートはすべて使用中です。',
    '使用していないマシンのシートを解放するか、ライセンスを追加してください。',
  ],
  LICENSE_REVOKED: ['このライセンスは取り消されています。', 'ライセンスの管理者に問い合わせてください。'],
  AUTHORITY_UNREACHABLE: ['ライセンスサーバーに接続できません。', RETRIED],
  TIMEOUT: ['ライセンスサーバーから時間内に応答がありませんでした。', RETRIED],
  OVERLOADED: ['ライセンスサーバーが混み合っています。', '接続は自動的に再試行されます。'],
  DATABASE_UNAVAILABLE: ['ライセンスサーバーが一時的に利用できません。', '接続は自動的に再試行されます。'],
  BAD_CERTIFICATE: [
    'ライセンスサーバーの証明書を信頼できません。',
    '社内の認証局を使用している場合は、その証明書を製品の設定（ca）に追加してください。',
  ],
  CLOCK_BREAKS_TLS: [
    'このマシンの時計が大きくずれているため、証明書を確認できません。',
    'マシンの日付と時刻を合わせてください。',
  ],
  STATE_DAMAGED: ['ライセンスの状態ファイルまたはデバイスキーが失われたか、破損しています。', AGAIN],
  STATE_FOREIGN: ['ライセンスの状態ファイルは別のマシンのものです。', AGAIN],
  STATE_UNAVAILABLE: [
    'ライセンスの状態フォルダーまたはキーリングを読み取れません。',
    'ディスクとマウント、フォルダーの場所、キーリングのロック、サービスが開けるファイル数の上限を確認してください。',
  ],
  PERMISSION_DENIED: [
    'ライセンスの状態フォルダーを読み取る権限がありません。',
    'サービスを実行するユーザーを、フォルダーの所有者にしてください。',
  ],
  UNSUPPORTED_VERSION: ['ライセンスの状態は、より新しいバージョンの製品で書き込まれたものです。', NEWER],
  KEY_UNKNOWN: [
    'リースに署名したキーが、ライセンスサーバーのキー一覧にありません。',
    '一度ライセンスサーバーに接続するか、新しいキー一覧のファイルを取り込んでください。',
  ],
  WRONG_ROOT: ['ライセンスは、この製品が信頼していないルートキーで署名されています。', OTHER_ROOT],
  TOKEN_FOREIGN: ['ライセンスは別のインストールまたは別のアカウントのものです。', AGAIN],
  TOKEN_SIGNATURE: ['ライセンスの署名が正しくありません。', AGAIN],
};
