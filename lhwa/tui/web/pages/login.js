// Takes the word of the link to the server, once, and goes where the server says.
"use strict";

const HOW_TO_COME_IN =
  "Press Enter in the terminal that runs `lhwa inbox --web`, and open the link that it shows.";

async function logIn() {
  const word = window.location.hash.slice(1);
  // Out of the address bar and the history, whatever comes of it.
  window.history.replaceState(null, "", window.location.pathname);
  if (!word) {
    return `This page needs a link. ${HOW_TO_COME_IN}`;
  }
  const answer = await fetch("/login", {
    method: "POST",
    headers: { "Content-Type": "text/plain" },
    body: word,
  });
  const where = await answer.text();
  if (answer.ok && where.startsWith("/i/")) {
    window.location.replace(where);
    return "Opening the inbox ...";
  }
  return `This link was used before, or is too old. ${HOW_TO_COME_IN}`;
}

logIn()
  .catch(() => "The server does not answer. Is `lhwa inbox --web` still running?")
  .then((says) => {
    document.getElementById("says").textContent = says;
  });
