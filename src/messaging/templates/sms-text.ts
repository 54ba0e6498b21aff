import { SegmentedMessage } from 'sms-segments-calculator';
import { UnsendableText } from '../providers/sender.js';

/** What NFD does not take apart, and what word processors put into templates. */
const PLAIN: Record<string, string> = {
  đ: 'd',
  Đ: 'D',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '…': '...',
  '\u00a0': ' ',
};
/** What Vietnamese carriers let through in a registered text: no #, &, @, %, brackets, braces, backslash. */
const PERMITTED = /^[A-Za-z0-9 .,:;()/+\-!?'"*=_\n]*$/;

/** Unaccented, as brandname texts are registered. */
export function unaccent(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .replace(/[^\p{ASCII}]/gu, (character) => PLAIN[character] ?? character);
}

/**
 * The text that goes out: plain letters, one part of GSM-7.
 * @param codeLine a last line by which phones fill the code in (`@host #code`), where the carrier takes it (O8)
 * @throws UnsendableText rather than sending something else or paying for two parts
 */
export function toSmsText(rendered: string, codeLine?: string): string {
  const plain = unaccent(rendered).trim();
  if (!PERMITTED.test(plain)) throw new UnsendableText('a character that carriers refuse');
  const text = codeLine === undefined ? plain : `${plain}\n\n${codeLine}`;
  if (text.length === 0) throw new UnsendableText('it is empty');
  const { segmentsCount, encodingName } = new SegmentedMessage(text, 'auto');
  if (encodingName !== 'GSM-7') throw new UnsendableText('not in GSM-7');
  if (segmentsCount !== 1) throw new UnsendableText(`${segmentsCount} parts`);
  return text;
}
