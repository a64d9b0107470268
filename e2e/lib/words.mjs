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
    paid: /paiement (accepté|effectué)|reçu/, retry: /réessayer|autre carte|ressaisir le code/,
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
    paid: /payment (accepted|received|successful)|receipt/, retry: /try again|another card|type the code again/,
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

/** What the pages of kept cards say, in the back office and in the vault. */
export const VAULT_WORDS = {
  fr: {
    save: "Enregistrer", saved: "Réglages enregistrés", brandsMissing: "Cochez au moins une marque",
    once: "Afficher le code une fois", reason: "Raison", reasonShort: "20 caractères au moins",
    until: "Jusqu'au", acquirer: /banque nous y autorise/,
    banner: "Activez votre compte pour voir les cartes", bannerLink: "recevoir mon code PIN",
    email: "Adresse e-mail", phone: "Téléphone mobile", phoneMissing: "Saisissez un numéro de mobile",
    ask: "Recevoir mon code PIN",
    sent: "Nous avons envoyé un lien par e-mail et un code par SMS au numéro finissant par 78",
    mail: "Votre PIN pour voir les cartes", sms: "votre code est",
    code: "Code reçu par SMS", next: "Continuer", codeLeft: (n) => `Code incorrect, il reste ${n} essai`,
    locked: "Bloqué jusqu'à 9 h 30", codesRefused: "Essais de code refusés",
    pin: "Nouveau PIN", again: "Le même PIN, encore une fois", savePin: "Enregistrer le PIN",
    eight: "Le PIN compte 8 chiffres", sequence: "Évitez les suites comme 12345678",
    three: "Utilisez au moins 3 chiffres différents", date: "Évitez une date",
    contact: "Évitez un numéro de téléphone", differ: "Les deux PIN diffèrent",
    active: "Votre PIN est actif", on: "Visualisation des cartes active",
    expired: "Ce lien a expiré", unverified: "Carte non vérifiée", available: "Code disponible (1 fois)",
    charge: "Encaisser sans voir", see: "Voir la carte",
    onlyOnce: "Le code de sécurité ne s'affichera qu'une seule fois, puis sera détruit.",
    yourPin: "Votre PIN", left: (n) => `PIN incorrect, il reste ${n} essais`,
    number: "Voir le numéro", numberAndCode: "Voir le numéro et le code (une seule fois)",
    close: "Fermer maintenant", over: "Affichage terminé", back: "Revenir",
    seen: (day) => new RegExp(`CVV vu/utilisé le ${day} \\S+ par Claire`), day: "15/06/2026",
    change: "Changer mon PIN", oldPin: "PIN actuel", changed: "Votre PIN est changé",
    pinActive: "Votre PIN est actif", block: "Tout bloquer maintenant", whyLabel: /^Pourquoi/,
    why: "Dites pourquoi", blocked: "L'affichage des cartes est bloqué", cancelled: "Affichage bloqué",
    lift: "Lever le blocage", half: "Claire a demandé la levée",
    remove: "Supprimer la carte", removed: "Carte supprimée", noRight: /card\.reveal/,
  },
  en: {
    save: "Save", saved: "Settings saved", brandsMissing: "Tick at least one brand",
    once: "Show the code once", reason: "Reason", reasonShort: "At least 20 characters",
    until: /^Until$/, acquirer: /bank allows it in writing/,
    banner: "Activate your account to see cards", bannerLink: "receive my PIN code",
    email: "E-mail address", phone: "Mobile phone", phoneMissing: "Enter a mobile number",
    ask: "Receive my PIN code",
    sent: "We sent a link by e-mail and a code by text message to the number ending in 78",
    mail: "Your PIN to see cards", sms: "your code is",
    code: "Code from the text message", next: "Continue", codeLeft: (n) => `Wrong code, ${n} tr`,
    locked: "Locked until 09:30", codesRefused: "Codes refused",
    pin: "New PIN", again: "The same PIN again", savePin: "Save the PIN",
    eight: "The PIN has 8 digits", sequence: "Avoid sequences such as 12345678",
    three: "Use at least 3 different digits", date: "Avoid a date",
    contact: "Avoid a phone number", differ: "The two PINs differ",
    active: "Your PIN is active", on: "Cards can be seen",
    expired: "This link has expired", unverified: "Card not verified",
    available: "Code available (once)",
    charge: "Charge without seeing", see: "See the card",
    onlyOnce: "The security code is shown only once and then destroyed.",
    yourPin: "Your PIN", left: (n) => `Wrong PIN, ${n} tries left`,
    number: "Show the number", numberAndCode: "Show the number and the code (only once)",
    close: "Close now", over: "No longer shown", back: "Go back",
    seen: (day) => new RegExp(`CVV seen/used on ${day} \\S+ by Claire`), day: "15/06/2026",
    change: "Change my PIN", oldPin: "Present PIN", changed: "Your PIN is changed",
    pinActive: "Your PIN is active", block: "Block everything now", whyLabel: /^Why/,
    why: "Say why", blocked: "Showing cards is blocked", cancelled: "Showing is blocked",
    lift: "Lift the block", half: "Claire has asked to lift it",
    remove: "Delete the card", removed: "Card deleted", noRight: /card\.reveal/,
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
