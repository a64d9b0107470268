# Une action de la caisse sur plusieurs paiements.
lot-validate = Valider
lot-capture = Encaisser
lot-refund = Rembourser le reste
lot-cancel = Annuler
lot-validate-title = Valider plusieurs paiements
lot-capture-title = Encaisser plusieurs paiements
lot-refund-title = Rembourser plusieurs paiements
lot-cancel-title = Annuler plusieurs paiements
lot-validate-what = L'encaissement prévu de chaque paiement est autorisé.
lot-capture-what = Chaque client est débité de tout ce qui reste autorisé.
lot-refund-what = Chaque client reçoit tout ce qui n'a pas encore été remboursé. Vos frais d'opérateur ne sont pas rendus.
lot-cancel-what = Ce qui n'est pas encaissé est libéré ; un paiement que personne n'a encore fait est abandonné.
lot-validate-do = { $n ->
    [one] Valider { $n } paiement
   *[other] Valider { $n } paiements
}
lot-capture-do = { $n ->
    [one] Encaisser { $n } paiement
   *[other] Encaisser { $n } paiements
}
lot-refund-do = { $n ->
    [one] Rembourser { $n } paiement
   *[other] Rembourser { $n } paiements
}
lot-cancel-do = { $n ->
    [one] Annuler { $n } paiement
   *[other] Annuler { $n } paiements
}
lot-back = Retour à la liste
lot-none = Aucune ligne choisie : cochez des paiements dans la liste.
lot-count = Paiements concernés
lot-total = Total
lot-left-out-count = Laissés de côté
lot-going = Ce qui sera fait
lot-left-out-title = Laissés de côté
lot-again = Retapez le total pour confirmer
lot-again-fault = Retapez le total affiché pour confirmer.
lot-nothing = Aucun de ces paiements ne permet cette action.
lot-changed = Un paiement a changé depuis l'affichage de cette page : relisez, puis confirmez.
lot-run = Avancement du traitement
lot-sheet = Actions sur plusieurs paiements
lot-waiting = En attente
lot-done = Fait
lot-at-bank = À la banque
lot-unknown = Résultat inconnu
lot-unknown-what = La banque n'a pas répondu ; elle est interrogée jusqu'à le savoir.
lot-left-out = Laissé de côté
lot-refused = Refusé par la banque
lot-why-changed = Le paiement a changé depuis que vous l'avez vu.
lot-why-other-currency = Autre devise que le premier paiement : faites-en un lot à part.
lot-why-above-ceiling = Au-delà de votre plafond.
lot-why-window-over = Trop tard pour rembourser sur la carte.
lot-why-capability-missing = Le prestataire ne sait pas le faire.
lot-why-not-found = Ce paiement n'existe pas.
lot-why-bad-reason = Le motif ne convient pas.
lot-why-one-by-one = Un remboursement fait ailleurs s'enregistre un par un.
lot-why-not-saved = Rien n'a été envoyé : la demande n'a pas pu être enregistrée.
lot-col-reference = Référence
lot-col-payer = Payeur
lot-col-amount = Montant
lot-col-result = Résultat
lot-col-why = Raison
lot-col-id = Identifiant
lot-col-currency = Devise
audit-payment-lot = Action sur plusieurs paiements
