# Recherche
stay-title = Réservez votre séjour
stay-lede = Choisissez vos dates : les prix et les disponibilités s'affichent aussitôt.
stay-places = Nos hébergements
stay-closed = Rien ne se réserve encore en ligne ici. Contactez-nous : nos coordonnées sont au bas de cette page.
stay-all = Voir tous nos hébergements
stay-search-label = Rechercher un séjour
stay-search = Rechercher
stay-arrival = Arrivée
stay-departure = Départ
stay-choose = Choisir
stay-busy = En cours…
stay-results = { $n ->
    [0] Du { $arrival } au { $departure }, { $guests }
    [one] { $n } hébergement libre du { $arrival } au { $departure }, { $guests }
   *[other] { $n } hébergements libres du { $arrival } au { $departure }, { $guests }
}
stay-nothing = Aucun hébergement n'est libre à ces dates pour ce nombre de personnes. Essayez d'autres dates.
stay-nights = { $n ->
    [one] { $n } nuit
   *[other] { $n } nuits
}
stay-capacity = { $n ->
    [one] { $n } personne
   *[other] Jusqu'à { $n } personnes
}
stay-hours = Arrivée dès { $in }, départ avant { $out }
stay-units-left = { $n ->
    [one] Le dernier
   *[other] Plus que { $n }
}
stay-registration = Numéro d'enregistrement { $number }
stay-price-note = { $n ->
    [one] pour { $n } nuit
   *[other] pour { $n } nuits
}
stay-deposit-note = Acompte à la réservation : { $amount }
# Pourquoi ce prix ?
stay-why = Pourquoi ce prix ?
stay-why-exact = { $n ->
    [one] Tarif de la nuit demandée.
   *[other] Un tarif existe pour exactement { $n } nuits à partir de ce jour.
}
stay-why-nights = Somme des { $n } tarifs à la nuit, chacun à sa date.
stay-why-nights-note = Dès que chaque nuit a son tarif, leur somme s'applique : les tarifs de plusieurs nuits ne sont pas combinés.
stay-why-nights-cheaper = Dès que chaque nuit a son tarif, leur somme s'applique : { $parts } nuits = { $amount } n'a pas été évalué, car les tarifs de plusieurs nuits ne sont pas combinés.
stay-why-cover = Les { $n } nuits sont couvertes par les tarifs disponibles, au total le moins élevé.
stay-why-cheapest = Les { $n } nuits sont couvertes de la façon la moins chère.
stay-adjustment-long-stay = Long séjour
stay-adjustment-non-refundable = Non remboursable
stay-adjustment-promotion = Promotion
stay-total = Total
# Indisponibilités
stay-reason-not-open = La nuit du { $date } n'est pas ouverte à la vente.
stay-reason-sales-closed = La nuit du { $date } n'est plus en vente.
stay-reason-sold-out = La nuit du { $date } est complète.
stay-reason-held-by-other = La nuit du { $date } est retenue par un autre acheteur.
stay-reason-held-until = Cette chambre est retenue jusqu'à { $time }.
stay-reason-no-price = Aucun tarif n'existe pour ces dates et cette durée.
stay-reason-capacity-exceeded = { $n ->
    [one] Pour { $n } personne au plus.
   *[other] Pour { $n } personnes au plus.
}
stay-reason-bracket-not-priced = Aucun tarif n'existe pour l'une des tranches d'âge.
# Panier
stay-contact-title = Vos coordonnées
stay-contact-lede = Dès que vos coordonnées sont enregistrées, l'hébergement est retenu pour vous pendant une heure.
stay-basket-title = Votre réservation
stay-first-name = Prénom
stay-last-name = Nom
stay-email = Adresse e-mail
stay-email-hint = Le reçu y sera envoyé
stay-phone = Téléphone
stay-phone-hint = Par exemple 06 12 34 56 78
stay-continue = Continuer
stay-you = Vous
stay-edit-contact = Modifier mes coordonnées
stay-your-stay = Votre séjour
stay-length = Durée
stay-guests = Voyageurs
stay-deposit = Acompte à payer maintenant
stay-rest = Solde à payer plus tard
stay-held-until = Réservé pour vous jusqu'à { $time }
stay-minutes-left = Il reste {"{"}n{"}"} min
stay-hold-over = Le temps de réservation est écoulé. Votre panier est conservé : si l'hébergement est encore libre, vous pouvez payer.
stay-prolong = Prolonger
stay-prolong-hint = Une heure de plus, une seule fois.
stay-prolonged-already = Vous avez déjà prolongé une fois.
stay-others-wait = Quelqu'un d'autre attend cet hébergement : il ne peut pas être retenu plus longtemps.
stay-prolong-limit = La durée totale de quatre heures est atteinte.
stay-lifetime = Un panier ne peut retenir un hébergement plus de quatre heures. Recommencez une recherche.
stay-gone = Cette chambre vient d'être réservée par quelqu'un d'autre. Rien n'a été débité.
stay-gone-held = Cette chambre est retenue par un autre acheteur jusqu'à { $time }. Rien n'a été débité.
stay-price-changed = Le prix a changé depuis votre recherche : { $old } est devenu { $new }. Rien n'a été débité. Si vous l'acceptez, vous pouvez continuer.
stay-below-minimum = Le paiement par carte commence à { $minimum }.
stay-other-search = Faire une autre recherche
stay-proceed = Procéder au paiement
stay-deposit-short = Acompte
stay-pay-all = Régler la totalité : { $amount }
stay-confirm = Confirmer
stay-legal-free = En confirmant, vous concluez votre réservation. Un hébergement à dates fixes ne donne pas de droit de rétractation.
stay-legal = En payant, vous concluez votre réservation. Un hébergement à dates fixes ne donne pas de droit de rétractation.
# Réservation sans paiement
stay-booked-title = Votre réservation est ferme
stay-booked-text = Merci { $name }, nous vous attendons.
stay-number = Numéro de dossier
stay-calendar = Ajouter à mon agenda
stay-print = Imprimer
# Erreurs de saisie
stay-fault-arrival-missing = Saisissez la date d'arrivée
stay-fault-departure-missing = Saisissez la date de départ
stay-fault-invalid-dates = La date de départ doit suivre la date d'arrivée
stay-fault-past-date = La date d'arrivée est passée
stay-fault-stay-too-long = Un séjour compte 366 nuits au plus
stay-fault-guests = Saisissez un nombre entre 0 et 20
stay-fault-nobody = Indiquez entre 1 et 99 personnes
stay-fault-first-name-missing = Saisissez votre prénom
stay-fault-last-name-missing = Saisissez votre nom
stay-fault-email-format = Saisissez une adresse e-mail, par exemple nom@exemple.fr
stay-fault-phone-format = Saisissez un numéro de téléphone, par exemple 06 12 34 56 78
stay-fault-card-number = Ne saisissez pas de numéro de carte dans ce champ
stay-fault-too-long = Ce texte est trop long
stay-fault-invalid-field = Écrivez sur une seule ligne
