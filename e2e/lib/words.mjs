// What is written on the pages, by language: a change of words is a change of this file.

export const WORDS = {
  fr: {
    ownName: "Français",
    arrival: "Arrivée", departure: "Départ", adults: /adultes|personnes/,
    search: /rechercher|chercher|voir les disponibilités/,
    why: "Pourquoi ce prix ?", choose: /choisir|réserver/,
    firstName: "Prénom", lastName: /^nom( de famille)?$/, email: "Adresse e-mail", phone: /téléphone/,
    terms: /conditions/, toPayment: /procéder au paiement|continuer/,
    held: "Réservé pour vous jusqu'à",
    payDeposit: (amount) => `Payer l'acompte de ${amount}`, payAny: /^payer/,
    number: "Numéro de carte", expiry: "Date d'expiration", code: "Code de sécurité",
    holder: "Nom sur la carte", brand: "Marque de la carte", keep: /carte pour ce séjour/,
    toBank: /banque/, challengeTitle: "Votre banque demande une vérification",
    approve: "Valider", refuse: "Refuser", abandon: "Abandonner",
    paid: /paiement (accepté|effectué)|reçu/, retry: /réessayer|autre carte/,
    refusedByBank: "Votre banque a refusé le paiement. Rien n'a été débité.",
    notAuthenticated: "L'authentification n'a pas abouti. Rien n'a été débité.",
    checkCard: "Vérifiez le numéro, la date et le code de sécurité de votre carte.",
    checking: "Nous vérifions votre paiement auprès de la banque. Ne payez pas une seconde fois.",
    expired: "Cette carte est expirée", luhn: "Vérifiez les chiffres du numéro de carte",
    codeMissing: "Saisissez le code de sécurité (3 chiffres au dos)",
    noNumberHere: "Ne saisissez pas de numéro de carte dans ce champ",
    faulty: /^Erreur\s*:/,
    signIn: "Se connecter", password: "Mot de passe", timeCode: /code/,
    bookings: "Réservations", cash: "Caisse", firm: /ferme|confirmée/,
    chargeBalance: /encaisser.*solde|encaisser/, confirm: /confirmer|encaisser|rembourser|annuler/,
    refund: "Rembourser", amount: "Montant", reason: /motif|raison/, cancel: "Annuler", undo: "Annuler cette action",
    refunded: /remboursé/, cancelled: /annulé/, captured: /encaissé/, timeline: /chronologie|historique/,
  },
  en: {
    ownName: "English",
    arrival: "Arrival", departure: "Departure", adults: /adults|guests|people/,
    search: /search|see availability/,
    why: "Why this price?", choose: /choose|book/,
    firstName: "First name", lastName: /^(last|family) name$/, email: "E-mail address", phone: /phone/,
    terms: /terms/, toPayment: /(proceed|continue)( to payment)?/,
    held: /(held|reserved) for you until/,
    payDeposit: (amount) => new RegExp(`pay .*deposit.*${amount.replace(/[.€]/g, "\\$&")}`), payAny: /^pay/,
    number: "Card number", expiry: "Expiry date", code: "Security code",
    holder: "Name on card", brand: "Card brand", keep: /card for this stay/,
    toBank: /bank/, challengeTitle: /bank (asks|requires)/,
    approve: "Approve", refuse: "Refuse", abandon: "Cancel",
    paid: /payment (accepted|received|successful)|receipt/, retry: /try again|another card/,
    refusedByBank: "Your bank declined the payment. Nothing was charged.",
    notAuthenticated: "The verification was not completed. Nothing was charged.",
    checkCard: "Check the number, date and security code of your card.",
    checking: "We are checking your payment with the bank. Do not pay a second time.",
    expired: "This card has expired", luhn: "Check the digits of the card number",
    codeMissing: "Enter the security code (3 digits on the back)",
    noNumberHere: "Do not enter a card number in this field",
    faulty: /^Error\s*:/,
    signIn: "Sign in", password: "Password", timeCode: /code/,
    bookings: "Bookings", cash: /payments|cash desk/, firm: /firm|confirmed/,
    chargeBalance: /charge.*balance|charge/, confirm: /confirm|charge|refund|cancel/,
    refund: "Refund", amount: "Amount", reason: /reason/, cancel: "Cancel", undo: "Undo this action",
    refunded: /refunded/, cancelled: /cancelled/, captured: /captured|paid/, timeline: /timeline|history/,
  },
};

/** Test numbers, by what the simulated bank does with them. */
export const CARDS = {
  challenge: "4970 1001 0000 1003",
  accepted: "4970 1001 0000 0005",
  refused: "4970 1001 0000 0054",
  funds: "4970 1001 0000 0518",
  wrongCode: "4970 1001 0000 0823",
  softDecline: "4970 1001 0000 0815",
  silentThenAccepted: "4970 1001 0000 0989",
  silentThenRefused: "4970 1001 0000 0971",
  notAuthenticated: "4970 1001 0000 3009",
  old: "4970 1000 0000 0154",
};

/** `1 234,50 €` or `€1,234.50` as minor units; the last amount of a text, or of its first. */
export function minor(text) {
  const found = text.replace(/[\u00a0\u202f]/g, " ").match(/\d[\d ,.]*[.,]\d\d(?!\d)/);
  if (!found) throw new Error(`no amount in "${text}"`);
  return Number(found[0].replace(/[ ,.]/g, ""));
}

/** Minor units as written in a language. */
export function written(amount, language) {
  const whole = Math.floor(amount / 100);
  const cents = String(amount % 100).padStart(2, "0");
  const groups = (sign) => String(whole).replace(/\B(?=(\d{3})+$)/g, sign);
  return language === "fr" ? `${groups(" ")},${cents} €` : `€${groups(",")}.${cents}`;
}

/** Half up, as deposits are computed. */
export const percent = (amount, share) => Math.floor((amount * share + 50) / 100);
