// Tells a relying party's page whether the sign-in in this browser is still the one it knows
// (OpenID Connect Session Management 1.0 section 3.2). It asks with "client_id session_state";
// session_state is "hash.salt", and only who knows both can ask anything worth knowing.
(function () {
  var name = document.currentScript.getAttribute("data-cookie") + "=";

  // The browser's state; empty where the browser keeps its cookies from frames like this one.
  function browserState() {
    var found = document.cookie.split("; ").filter(function (each) {
      return each.indexOf(name) === 0;
    });
    return found.length ? found[0].slice(name.length) : "";
  }

  function hexadecimal(buffer) {
    return Array.prototype.map.call(new Uint8Array(buffer), function (byte) {
      return ("0" + byte.toString(16)).slice(-2);
    }).join("");
  }

  function hash(text) {
    return crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)).then(hexadecimal);
  }

  window.addEventListener("message", function (event) {
    function answer(word) {
      if (event.source && event.origin !== "null") {
        event.source.postMessage(word, event.origin);
      }
    }

    var asked = /^([^ ]+) ([0-9a-f]{64})\.([^ .]+)$/.exec(event.data);
    var state = browserState();
    // "error" keeps a relying party from asking us again and again for what cannot be seen here.
    if (!asked || !state || !window.crypto || !crypto.subtle) {
      answer("error");
      return;
    }
    hash([asked[1], event.origin, state, asked[3]].join(" ")).then(function (now) {
      answer(now === asked[2] ? "unchanged" : "changed");
    }, function () {
      answer("error");
    });
  });
}());
