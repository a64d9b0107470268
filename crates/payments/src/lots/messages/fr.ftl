# Une action de la caisse sur plusieurs paiements.
payment-lot-validate = Valider
payment-lot-capture = Encaisser
payment-lot-refund = Rembourser le reste
payment-lot-cancel = Annuler
payment-lot-validate-title = Valider plusieurs paiements
payment-lot-capture-title = Encaisser plusieurs paiements
payment-lot-refund-title = Rembourser plusieurs paiements
payment-lot-cancel-title = Annuler plusieurs paiements
payment-lot-validate-what = L'encaissement prévu de chaque paiement est autorisé.
payment-lot-capture-what = Chaque client est débité de tout ce qui reste autorisé.
payment-lot-refund-what = Chaque client reçoit tout ce qui n'a pas encore été remboursé. Vos frais d'opérateur ne sont pas rendus.
payment-lot-cancel-what = Ce qui n'est pas encaissé est libéré ; un paiement que personne n'a encore fait est abandonné.
payment-lot-validate-do = { $n ->
    [one] Valider { $n } paiement
   *[other] Valider { $n } paiements
}
payment-lot-capture-do = { $n ->
    [one] Encaisser { $n } paiement
   *[other] Encaisser { $n } paiements
}
payment-lot-refund-do = { $n ->
    [one] Rembourser { $n } paiement
   *[other] Rembourser { $n } paiements
}
payment-lot-cancel-do = { $n ->
    [one] Annuler { $n } paiement
   *[other] Annuler { $n } paiements
}
payment-lot-why-changed = Le paiement a changé depuis que vous l'avez vu.
payment-lot-why-window-over = Trop tard pour rembourser sur la carte.
payment-lot-why-capability-missing = Le prestataire ne sait pas le faire.
payment-lot-why-not-found = Ce paiement n'existe pas.
payment-lot-why-bad-reason = Le motif ne convient pas.
payment-lot-why-one-by-one = Un remboursement fait ailleurs s'enregistre un par un.
payment-lot-why-no-kept-card = Aucune carte n'est gardée.
payment-lot-why-under-way = Un paiement est déjà en cours.
payment-lot-why-card-blocked = La banque du client interdit de réessayer cette carte.
payment-lot-why-card-paused = Cette carte a été refusée trop souvent : réessayez plus tard.
payment-lot-why-card-suspended = La carte est bloquée : débloquez-la ou demandez-en une autre.
payment-lot-why-card-expired = La carte est expirée : demandez-en une autre au client.
payment-lot-why-card-gone = La carte n'est plus au coffre : demandez-en une autre au client.
payment-lot-why-no-agreement = Le client n'a pas donné son accord pour un débit sans lui.
payment-lot-why-not-charged = Paiement impossible.
payment-lot-why-not-saved = Rien n'a été envoyé : la demande n'a pas pu être enregistrée.
audit-payment-lot = Action sur plusieurs paiements
