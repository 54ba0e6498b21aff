/**
 * Counts down to when another code may be asked for. Only for the eye: the server decides, and without scripts the
 * button is there at once and the server says how long to wait.
 */
(() => {
  const button = document.getElementById('nx-resend');
  const label = button.textContent.trim();
  const until = performance.now() + Number(button.dataset.wait) * 1000;

  function show() {
    const seconds = Math.ceil((until - performance.now()) / 1000);
    button.disabled = seconds > 0;
    button.textContent = seconds > 0 ? button.dataset.waiting.replace('#', seconds) : label;
    if (seconds > 0) setTimeout(show, 250);
  }
  show();
})();
