/**
 * What Keycloak's pages leave out for people who hear them or use no mouse. Done here rather than in copies of the
 * pages, which every release of Keycloak would leave behind. The pages work without it.
 */
document.addEventListener('DOMContentLoaded', () => {
  announceErrors();
  nameInputs();
  openToKeyboard();
});

/** A live region speaks of what changes after the page has loaded, so errors are put in once more. */
function announceErrors() {
  for (const alert of document.querySelectorAll(
    '.pf-v5-c-alert.pf-m-danger, .pf-v5-c-alert.pf-m-warning, #kc-error-message',
  )) {
    alert.setAttribute('role', 'alert');
    alert.removeAttribute('aria-label'); // "Warning alert", in every language
    alert.replaceChildren(...alert.childNodes);
  }
  for (const input of document.querySelectorAll('input[aria-invalid="true"]')) {
    const error =
      document.getElementById(`input-error-${input.name}`) ??
      document.getElementById(`input-error-${input.id}`);
    const group = input.closest('.pf-v5-c-form__group');
    const text = error ?? group?.querySelector('.kc-feedback-text');
    if (!text) continue;
    text.id ||= `input-error-${input.id}`;
    text.setAttribute('role', 'alert');
    text.replaceChildren(...text.childNodes);
    input.setAttribute('aria-describedby', text.id);
  }
}

/** The labels of login-config-totp name an input that isn't there. */
function nameInputs() {
  for (const label of document.querySelectorAll('label[for]')) {
    if (document.getElementById(label.htmlFor)) continue;
    const input = label.closest('.pf-v5-c-form__group')?.querySelector('input:not([type=hidden])');
    if (input) label.htmlFor = input.id;
  }
}

/** Choices that are a div with onclick: of the way to sign in, of one among several authenticator apps. */
function openToKeyboard() {
  for (const choice of document.querySelectorAll('div[onclick]')) {
    choice.setAttribute('role', 'button');
    choice.tabIndex = 0;
    choice.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      choice.click();
    });
  }
}
