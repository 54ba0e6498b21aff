import type { Language } from '../message.js';

interface MailText {
  subject: string;
  paragraphs: string[];
}

/** What each mail says, before its code or link. */
export const MAIL_TEXTS: Partial<Record<string, Record<Language, MailText>>> = {
  otp: {
    vi: {
      subject: 'Mã xác thực {{brand}}',
      paragraphs: [
        'Đây là mã xác thực của bạn. Mã hết hạn sau {{minutes}} phút. Không chia sẻ mã này với bất kỳ ai.',
      ],
    },
    en: {
      subject: 'Your {{brand}} verification code',
      paragraphs: [
        'This is your verification code. It expires in {{minutes}} minutes. Never share it with anybody.',
      ],
    },
  },
  'account-exists': {
    vi: {
      subject: 'Bạn đã có tài khoản {{brand}}',
      paragraphs: [
        'Ai đó, có thể là bạn, vừa đăng ký tài khoản với địa chỉ này. Bạn đã có tài khoản: hãy đăng nhập, hoặc đặt lại mật khẩu nếu quên.',
        'Nếu không phải bạn, hãy bỏ qua thư này.',
      ],
    },
    en: {
      subject: 'You already have a {{brand}} account',
      paragraphs: [
        'Somebody, perhaps you, tried to sign up with this address. You already have an account: please sign in, or reset your password if you forgot it.',
        'If it was not you, ignore this mail.',
      ],
    },
  },
  invitation: {
    vi: {
      subject: 'Lời mời tham gia {{brand}}',
      paragraphs: [
        '{{organizer}} mời bạn tham gia trên {{brand}}. Hãy mở liên kết và đăng nhập, hoặc tạo tài khoản, bằng địa chỉ này. Lời mời hết hạn sau 7 ngày.',
        'Nếu bạn không biết họ, hãy bỏ qua thư này.',
      ],
    },
    en: {
      subject: 'An invitation to join on {{brand}}',
      paragraphs: [
        '{{organizer}} invites you to join them on {{brand}}. Open the link and sign in, or sign up, with this address. The invitation is good for 7 days.',
        'If you do not know them, ignore this mail.',
      ],
    },
  },
  'new-device': {
    vi: {
      subject: 'Đăng nhập trên thiết bị mới',
      paragraphs: ['Tài khoản {{brand}} của bạn vừa đăng nhập trên một thiết bị mới.'],
    },
    en: {
      subject: 'Sign-in on a new device',
      paragraphs: ['Your {{brand}} account was signed in to on a new device.'],
    },
  },
  'password-changed': {
    vi: {
      subject: 'Mật khẩu đã thay đổi',
      paragraphs: ['Mật khẩu tài khoản {{brand}} của bạn vừa được thay đổi.'],
    },
    en: {
      subject: 'Your password was changed',
      paragraphs: ['The password of your {{brand}} account was changed.'],
    },
  },
  'phone-changed': {
    vi: {
      subject: 'Số điện thoại đã thay đổi',
      paragraphs: ['Số điện thoại của tài khoản {{brand}} vừa được thay đổi.'],
    },
    en: {
      subject: 'Your phone number was changed',
      paragraphs: ['The phone number of your {{brand}} account was changed.'],
    },
  },
  'email-changed': {
    vi: {
      subject: 'Địa chỉ e-mail đã thay đổi',
      paragraphs: ['Địa chỉ e-mail của tài khoản {{brand}} vừa được thay đổi.'],
    },
    en: {
      subject: 'Your e-mail address was changed',
      paragraphs: ['The e-mail address of your {{brand}} account was changed.'],
    },
  },
};
