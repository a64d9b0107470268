# Courriels
booking-mail-test = TEST : cette réservation est un essai, aucun argent n'a bougé.
booking-mail-subject = Votre réservation { $number } est confirmée
booking-mail-deposit =
    Bonjour { $name },

    Votre réservation { $number } chez { $merchant } est ferme.
    Arrivée : { $arrival }
    Départ : { $departure }
    Total du séjour : { $total }
    Acompte payé : { $paid }
    Reste à payer : { $rest }

    À bientôt,
    { $merchant }
booking-mail-paid =
    Bonjour { $name },

    Votre réservation { $number } chez { $merchant } est ferme et entièrement payée.
    Arrivée : { $arrival }
    Départ : { $departure }
    Total du séjour : { $total }

    À bientôt,
    { $merchant }
booking-mail-free =
    Bonjour { $name },

    Votre réservation { $number } chez { $merchant } est ferme. Il n'y a rien à payer.
    Arrivée : { $arrival }
    Départ : { $departure }

    À bientôt,
    { $merchant }
# Réservations
booking-menu = Réservations
booking-list-title = Réservations
booking-search = Chercher une réservation
booking-search-hint = Numéro, nom ou adresse e-mail
booking-states = États
booking-state-pre-booked = Pré-réservation
booking-state-to-validate = À valider
booking-state-confirmed = Ferme
booking-state-done = Terminée
booking-state-no-show = Non venu
booking-state-cancelled = Annulée
booking-state-refused = Refusée
booking-state-expired = Expirée
booking-chip-confirmed = RESA FERME
booking-none-found = Aucune réservation ne correspond.
booking-empty = Les réservations de votre page et de vos programmes apparaîtront ici.
booking-number = Numéro
booking-name = Nom
booking-starts = Arrivée
booking-ends = Départ
booking-state = État
booking-total = Total
booking-count = { $n ->
    [one] { $n } réservation
   *[other] { $n } réservations
}
booking-title = Réservation { $number }
booking-kicker = { $name }, du { $arrival } au { $departure }
booking-back-to-list = Toutes les réservations
booking-actions = Actions
booking-charge-balance = Encaisser le solde ({ $amount })
booking-cancel = Annuler la réservation
booking-no-cancel-state = Une réservation dans cet état ne s'annule pas.
booking-no-cancel-past = Le séjour a commencé : il faut le droit booking.past.override et un motif.
booking-no-show = Client non venu
booking-no-show-not-state = Une réservation dans cet état ne peut pas être notée non venue.
booking-no-show-not-yet = Possible à partir du { $day }.
booking-no-show-right = Il vous manque le droit booking.edit.
booking-no-show-title = Client non venu : { $number }
booking-no-show-consequence = La réservation est notée « non venu ». Ses nuits restent prises.
booking-no-show-money = Rien n'est débité ni remboursé : le solde s'encaisse depuis la réservation.
booking-no-show-button = Confirmer l'absence
booking-no-balance-not-firm = La réservation n'est pas ferme.
booking-no-balance-nothing-due = Il ne reste rien à encaisser.
booking-no-balance-no-card = Le client n'a pas laissé de carte pour ce séjour.
booking-no-balance-in-progress = Un paiement de ce séjour n'est pas encore décidé.
booking-no-balance-right = Il vous manque le droit card.use.
booking-no-balance-ceiling = Votre plafond est de { $most } par encaissement : demandez à une personne qui peut davantage.
booking-balance-refused = L'encaissement du solde a été refusé par la banque. Rien n'a été débité.
booking-balance-unknown = La banque n'a pas encore répondu pour le solde. N'encaissez pas une seconde fois.
booking-stay = Séjour
booking-price = Prix
booking-cheapest = Le découpage le moins cher serait à { $amount } : il n'est pas appliqué avec la règle de prix choisie.
booking-payments = Paiements
booking-no-payments = Aucun paiement.
booking-reference = Référence
booking-purpose = Objet
booking-purpose-deposit = Acompte
booking-purpose-balance = Solde
booking-purpose-plain = Paiement
booking-when = Date
booking-amount = Montant
booking-refunded = Remboursé
booking-journal = Journal
booking-journal-booking-confirmed = Réservation ferme
booking-journal-booking-cancelled = Réservation annulée
booking-journal-booking-no-show = Client non venu
booking-journal-booking-done = Séjour terminé
booking-journal-booking-refused = Réservation refusée
booking-journal-booking-expired = Pré-réservation expirée
booking-journal-booking-changed = État modifié
booking-journal-payment-received = Paiement reçu
booking-journal-payment-lost = Paiement sans suite
booking-who-payer = Le client
booking-who-clock = Automatique
booking-summary = Résumé
booking-money = Montants
booking-paid = Payé
booking-due = Reste à encaisser
booking-card = Carte
booking-card-expiry = Expire fin
booking-card-kept = Conservée au coffre pour ce séjour ; le numéro complet n'est pas ici.
booking-no-card = Aucune carte conservée.
booking-contact = Contact
booking-email = Adresse e-mail
booking-phone = Téléphone
booking-address = Adresse
booking-company = Société
booking-language = Langue
booking-back = Retour à la réservation
booking-leave-it = Ne rien faire
booking-again = Saisissez le montant pour confirmer
booking-again-wrong = Le montant saisi n'est pas celui de l'encaissement
booking-reason = Motif
booking-balance-title = Encaisser le solde de { $number }
booking-balance-consequence = { $amount } seront débités maintenant sur la carte laissée pour ce séjour, sans le client.
booking-balance-button = Encaisser { $amount }
booking-balance-changed = Le reste à encaisser a changé : vérifiez et recommencez
booking-balance-line = Solde du séjour { $number }
booking-cancel-title = Annuler la réservation { $number }
booking-cancel-consequence = Les nuits sont remises en vente aussitôt. Cette annulation est définitive.
booking-cancel-money = Rien n'est remboursé automatiquement : remboursez depuis la caisse si vous le devez.
booking-cancel-button = Confirmer l'annulation
# Ce que l'on dit d'un séjour sur les pages de paiement
booking-subject-title = Séjour du { $arrival } au { $departure }
booking-subject-hours = { $date }, dès { $time }
booking-subject-before = { $date }, avant { $time }
booking-subject-lodging = Hébergement
booking-subject-guests = Voyageurs
booking-subject-total = Total du séjour
booking-subject-rest = Solde à payer plus tard
booking-subject-next-rest = Le solde de { $amount } sera encaissé par { $merchant } plus tard, sur la carte laissée pour ce séjour ou sur place.
booking-subject-next-arrival = Nous vous attendons le { $arrival }.
# Journal et erreurs
audit-booking-cancel = Réservation annulée
audit-booking-no-show = Client noté non venu
audit-lodging-policy = Règle de prix changée
audit-lodging-changed = Fiche d'hébergement modifiée
audit-booking-contact = Contact et note modifiés
audit-stock-repaired = Compteurs de places réparés
oops-past-booking = Le séjour a commencé : il faut le droit booking.past.override et un motif.
oops-illegal-transition = La réservation n'est plus dans un état qui le permet.
booking-edit = Modifier le contact et la note
booking-edit-title = Contact et note de { $number }
booking-edit-save = Enregistrer
booking-first-name = Prénom
booking-last-name = Nom de famille
booking-note = Note
booking-note-hint = Lue par le personnel seulement
booking-note-too-long = La note a 2 000 caractères au plus
booking-tabs = Rubriques de la réservation
booking-tab-resume = Résumé
booking-tab-paiements = Paiements
booking-tab-carte = Carte
booking-tab-journal = Journal
booking-journal-booking-contact = Contact ou note modifiés
booking-view-arrivals = Arrivées du jour
booking-view-departures = Départs du jour
booking-view-to-validate = À valider
booking-view-firm = Fermes
booking-view-all = Toutes
booking-col-number = Numéro
booking-col-name = Nom
booking-col-email = E-mail
booking-col-starts = Arrivée
booking-col-ends = Départ
booking-col-state = État
booking-col-total = Total
booking-col-created = Créée le
booking-col-offset = Décalage UTC
booking-col-provenance = Provenance
booking-col-currency = Devise
booking-field-arrivee = Arrivée le
booking-field-depart = Départ le
booking-field-min = Montant minimal
booking-field-max = Montant maximal
booking-provenance-own-web = Votre page
booking-provenance-local = Saisie sur place
