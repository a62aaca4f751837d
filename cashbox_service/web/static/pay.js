// Help with the form: groups of digits, and mistakes told before anything is sent. The server checks all of it again.
"use strict";
(function () {
  const form = document.querySelector("form");
  const fields = Array.from(form.querySelectorAll("input, select"));
  const field = (key) => document.getElementById(key);
  const digits = (text) => text.replace(/[^0-9]/g, "");

  const BRANDS = [
    ["American Express", /^3[47]/], ["Visa", /^4/],
    ["Mastercard", /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/], ["Discover", /^(6011|64[4-9]|65)/],
    ["Diners Club", /^3(0[0-5]|[689])/], ["JCB", /^35(2[89]|[3-8])/],
  ];
  const brandOf = (number) => (BRANDS.find(([, begins]) => begins.test(number)) || [""])[0];

  function luhn(number) {
    let sum = 0;
    for (let i = 0; i < number.length; i++) {
      let digit = Number(number[number.length - 1 - i]) * (1 + (i % 2));
      sum += digit > 9 ? digit - 9 : digit;
    }
    return sum % 10 === 0;
  }

  function grouped(number) {
    if (brandOf(number) === "American Express") {
      return [number.slice(0, 4), number.slice(4, 10), number.slice(10)].filter(Boolean).join(" ");
    }
    return number.replace(/(\d{4})(?=\d)/g, "$1 ");
  }

  function slashed(text) {
    const number = digits(text).slice(0, 6);
    if (/^\s*\d\s*\//.test(text)) return "0" + number.slice(0, 1) + "/" + number.slice(1, 5);
    if (/^[2-9]/.test(number)) return number.length > 4 ? text : "0" + number[0] + "/" + number.slice(1);
    return number.length < 3 ? text.replace(/[^0-9/]/g, "") : number.slice(0, 2) + "/" + number.slice(2);
  }

  // Writes a field anew and leaves the caret behind the digit it was behind.
  function rewrite(input, text) {
    if (text === input.value) return;
    const before = digits(input.value.slice(0, input.selectionStart)).length;
    const atEnd = input.selectionStart === input.value.length;
    input.value = text;
    let caret = 0;
    for (let seen = 0; caret < text.length && seen < before; caret++) if (/\d/.test(text[caret])) seen++;
    if (atEnd) caret = text.length;
    input.setSelectionRange(caret, caret);
  }

  const [year, month] = form.dataset.today.split("-").map(Number);
  const CHECKS = {
    number(text) {
      const number = digits(text);
      return number.length >= 12 && number.length <= 19 && luhn(number) ? "" : "invalid";
    },
    expiry(text) {
      const found = /^(\d{1,2})\s*[/.\- ]?\s*(\d{4}|\d{2})$/.exec(text) || /^()(\d{4})-(\d{2})$/.exec(text);
      if (!found) return "invalid";
      const [m, y] = found[3] ? [Number(found[3]), Number(found[2])] : [Number(found[1]), Number(found[2])];
      if (m < 1 || m > 12) return "invalid";
      return (y < 100 ? 2000 + y : y) * 12 + m < year * 12 + month ? "past" : "";
    },
    cvn(text) {
      const brand = field("number") ? brandOf(digits(field("number").value)) : "";
      const right = brand === "" ? /^\d{3,4}$/ : brand === "American Express" ? /^\d{4}$/ : /^\d{3}$/;
      return right.test(text) ? "" : "invalid";
    },
    email(text) { return /^[^@\s]+@[^@\s]+$/.test(text) ? "" : "invalid"; },
  };

  // Some countries have no postal codes.
  function isNeeded(input) {
    const country = field("country");
    return input.required || (input.dataset.unless && country && country.value && !input.dataset.unless.includes(country.value));
  }

  function problemOf(input) {
    const text = input.value.trim();
    if (text === "") return isNeeded(input) ? input.dataset.missing : "";
    const problem = CHECKS[input.id] ? CHECKS[input.id](text) : "";
    return problem && input.dataset[problem];
  }

  function tell(input, message) {
    field(input.id + "-error").textContent = message;
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    return Boolean(message);
  }

  // What is told while a pointer is down would push the button away from under it: it waits until the click is over.
  let pointing = false;
  let left = [];
  const tellLeft = () => { pointing = false; left.forEach((input) => tell(input, problemOf(input))); left = []; };
  document.addEventListener("pointerdown", () => { pointing = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(tellLeft), true);

  form.noValidate = true;
  for (const input of fields) {
    input.addEventListener("blur", () => {
      if (input.value.trim() === "") return;
      if (pointing) left.push(input);
      else tell(input, problemOf(input));
    });
    input.addEventListener("input", () => { if (input.hasAttribute("aria-invalid")) tell(input, problemOf(input)); });
  }
  const typing = (key, change) => {
    const input = field(key);
    if (input) input.addEventListener("input", (event) => { if (!event.isComposing) change(input); });
  };
  const number = field("number");
  if (number) {
    const brand = document.createElement("span");
    brand.className = "brand";
    brand.setAttribute("aria-live", "polite");
    number.after(brand);
    typing("number", (input) => {
      rewrite(input, grouped(digits(input.value).slice(0, 19)));
      const name = brandOf(digits(input.value));
      if (brand.textContent !== name) brand.textContent = name;
    });
  }
  typing("expiry", (input) => { if (input.value.length > 2) rewrite(input, slashed(input.value)); });
  typing("cvn", (input) => rewrite(input, digits(input.value).slice(0, 4)));

  const button = form.querySelector("button");
  const label = button.textContent;
  form.addEventListener("submit", (event) => {
    const wrong = fields.filter((input) => tell(input, problemOf(input)));
    if (button.disabled || wrong.length) event.preventDefault();
    if (wrong.length) wrong[0].focus();
    else { button.disabled = true; button.textContent = form.dataset.wait; }
  });
  window.addEventListener("pageshow", () => { button.disabled = false; button.textContent = label; });
})();
