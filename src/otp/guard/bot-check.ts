/** What a bot check may judge by. */
export interface AskingVisitor {
  address: string;
  agent: string;
  scheme: 'phone' | 'email';
  merchantId: string | null;
}

/**
 * Asked before a code is sent. An implementation brings its own time-out, well below a second: everybody waits for it.
 * When it fails, the request passes: the limits behind it still hold.
 */
export type BotCheck = (visitor: AskingVisitor) => Promise<'pass' | 'refuse'>;

/** No check is configured. */
export const passEverybody: BotCheck = async () => 'pass';
