// Light or dark as Airflow shows itself, or as the system does. Loaded before the page is painted.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // Framed by Airflow, the page follows the class that Airflow sets; the frame is of the same origin.
  const airflow = () => {
    try {
      return parent === window ? null : parent.document.documentElement;
    } catch {
      return null;
    }
  };

  const chosen = () => {
    const classes = airflow()?.classList;
    if (classes?.contains("dark")) return "dark";
    if (classes?.contains("light")) return "light";
    const stored = localStorage.getItem("theme");
    if (stored === "dark" || stored === "light") return stored;
    return dark.matches ? "dark" : "light";
  };

  const show = () => { root.dataset.theme = chosen(); };
  show();
  dark.addEventListener("change", show);
  addEventListener("storage", show);
  const host = airflow();
  if (host) new MutationObserver(show).observe(host, { attributeFilter: ["class"] });
})();
