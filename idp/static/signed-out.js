// Goes on to the relying party once its colleagues' pages, loaded in frames below, have signed out
// there; or after a while, whatever they do. Written for old browsers too: without it a button does.
(function () {
  var PATIENCE = 5000;
  var onward = document.querySelector("a[data-onward]");
  var loaded = 0;
  var gone = false;

  function go() {
    if (!gone) {
      gone = true;
      window.location.replace(onward.href);
    }
  }

  function count(event) {
    if (event.target.tagName === "IFRAME") {
      loaded += 1;
      if (document.readyState !== "loading" && loaded >= document.querySelectorAll("iframe").length) {
        go();
      }
    }
  }

  function countAll() {
    if (loaded >= document.querySelectorAll("iframe").length) {
      go();
    }
  }

  if (onward) {
    document.addEventListener("load", count, true); // A frame's load does not bubble.
    document.addEventListener("DOMContentLoaded", countAll);
    window.setTimeout(go, PATIENCE);
  }
}());
