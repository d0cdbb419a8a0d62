// What htmx does not do by itself: the clock that keeps the page live, dialogs, and links out of the frame.
const EVERY = 3000;
// A long list asks less often.
const SLOWLY = Math.max(6000, 300 * document.querySelectorAll(".list tbody tr").length);
const beat = document.getElementById("beat");
let failing = "";

const ask = (name) => { if (!document.hidden) htmx.trigger(document.body, name); };
setInterval(() => ask("tick"), EVERY);
setInterval(() => ask("slowtick"), SLOWLY);
document.addEventListener("visibilitychange", () => { ask("tick"); ask("slowtick"); });

const show = () => {
  if (!beat) return;
  beat.className = failing ? "beat lost" : "beat";
  beat.textContent = failing || `live, ${new Date().toLocaleTimeString()}`;
};
show();

document.body.addEventListener("htmx:afterRequest", (event) => {
  const status = event.detail.xhr.status;
  if (event.detail.successful) failing = "";
  else if (status === 401) failing = "your session has ended: log in again";
  else if (status === 403) failing = "you may not see this any more";
  else failing = "Airflow does not answer; trying again";
  show();
});

// The state of what a person has opened or chosen is theirs, not the server's.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
  !(name === "open" && node.nodeName === "DETAILS");
Idiomorph.defaults.ignoreActiveValue = true;

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const canceller = event.target.closest("[data-cancels]");
  if (canceller) canceller.closest("dialog").close();

  // The frame may not navigate Airflow's window, so a link of Airflow's own does it, in Airflow's document.
  const link = event.target.closest("a[data-airflow]");
  if (link && parent !== window && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    const outside = parent.document.createElement("a");
    outside.href = link.href;
    parent.document.body.append(outside);
    outside.click();
    outside.remove();
  }
});

document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (form.closest?.("dialog")) { form.closest("dialog").close(); form.reset(); }
  if (event.detail.requestConfig.verb === "post") setTimeout(() => ask("tick"), 1600);
});
