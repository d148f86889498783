// What textual-serve's script leaves to the page: it shows by a class of the body how far the inbox is.
"use strict";

const body = document.body;
let hasBegun = false;
new MutationObserver((_changes, observer) => {
  if (body.classList.contains("-first-byte") && !hasBegun) {
    hasBegun = true;
    // Keys go to the inbox without a click first.
    document.querySelector(".xterm-helper-textarea").focus();
  }
  if (body.classList.contains("-closed")) {
    observer.disconnect();
    window.onresize = null;
    // What is on the screen must not stay there: the inbox may have ended because nobody was present.
    document.getElementById("terminal").remove();
  }
}).observe(body, { attributeFilter: ["class"] });
