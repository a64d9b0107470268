vcc-title = Cartes virtuelles
vcc-tab-all = Toutes
vcc-tab-today = À encaisser aujourd'hui
vcc-tab-soon = Bientôt (7 j)
vcc-tab-late = En retard
vcc-tab-left = Solde restant
vcc-tab-refund = À rembourser
vcc-tab-losing = Bientôt perdues (≤ 30 j)
vcc-tab-charged = Encaissées
vcc-none = Aucune carte virtuelle ici.
vcc-back = Retour aux cartes virtuelles
vcc-back-cards = Retour aux cartes
vcc-booking = Réservation
vcc-guest = Client
vcc-due = Reste dû
vcc-window = Période
vcc-balance = Solde annoncé
vcc-balance-unknown = solde inconnu
vcc-left = Reste sur la carte
vcc-refund-before = À rembourser avant le
vcc-history = Ce qui a été annoncé
vcc-source-channel = Canal
vcc-source-bin = Table des émetteurs
vcc-source-advice = Banque
vcc-source-staff = Équipe
vcc-col-booking = Réservation
vcc-col-guest = Client
vcc-col-channel = Canal
vcc-col-number = Carte
vcc-col-from = À partir du
vcc-col-until = Jusqu'au
vcc-col-balance = Solde annoncé
vcc-col-charged = Encaissé
vcc-col-left = Reste
vcc-col-next = Prochaine date
vcc-col-action = Action
vcc-col-currency = Devise
vcc-from = à partir du { $date }
vcc-until = jusqu'au { $date }
vcc-from-until = du { $from } au { $until }
vcc-window-unknown = période inconnue
vcc-in-days = { $n ->
    [0] aujourd'hui
    [one] dans { $n } jour
   *[other] dans { $n } jours
}
vcc-in-hours = dans { $n } h
vcc-in-minutes = dans { $n } min
vcc-not-active = Active le { $date }, { $in } : rien ne peut être encaissé avant.
vcc-window-closed = Sa période est finie depuis le { $date }.
vcc-over-balance = { $amount } possibles sur cette carte ; le reste va sur la carte du client.
vcc-currency = Cette carte ne prend que { $currency }.
vcc-mcc = Cette carte n'est pas faite pour l'activité de cet établissement.
vcc-attempts = Deux essais en 24 heures : réessayez après le { $date }, { $in }.
vcc-single-use = Cette carte ne sert qu'une fois, elle a servi.
vcc-nothing-due = Il ne reste rien à encaisser.
vcc-above-ceiling = Au-dessus de votre plafond de { $amount }.
vcc-changed = Ce qui reste dû a changé, ou un paiement de ce dossier est en cours : relisez, puis confirmez.
vcc-no-moto = Aucun point de vente n'encaisse sans le client : le contrat doit prévoir la vente à distance.
vcc-under-way = Un paiement de cette carte est en cours.
vcc-charge = Encaisser
vcc-charge-amount = Encaisser { $amount }
vcc-charge-title = Encaisser la carte virtuelle { $number }
vcc-charge-what = La banque est interrogée tout de suite ; personne ne voit le numéro.
vcc-amount = Montant
vcc-amount-fault = Écrivez un montant, par exemple 150,00.
vcc-unknown-confirm = Le canal n'a pas annoncé le solde : vérifiez le montant avant de confirmer.
vcc-busy = En cours…
vcc-leave-it = Ne rien faire
vcc-line = Séjour { $booking }, carte virtuelle
audit-card-virtual = Carte virtuelle modifiée
vcc-lot-title = Encaisser des cartes virtuelles
vcc-lot-charge = Encaisser les cartes cochées
vcc-lot-do = { $n ->
    [one] Encaisser { $n } carte
   *[other] Encaisser { $n } cartes
}
vcc-lot-what = La banque est interrogée tout de suite ; personne ne voit le numéro.
vcc-lot-one-by-one = S'encaisse seule : son solde est inconnu.
vcc-lot-why-unknown = Cette carte n'existe plus.
vcc-lot-why-vcc-not-active = Pas encore active.
vcc-lot-why-vcc-window-closed = Sa période est finie.
vcc-lot-why-vcc-over-balance = Au-dessus de son solde.
vcc-lot-why-vcc-currency = Autre devise.
vcc-lot-why-vcc-mcc = Pas pour cette activité.
vcc-lot-why-vcc-attempts = Déjà essayée deux fois en 24 heures.
vcc-lot-why-vcc-single-use = Déjà servie.
vcc-lot-why-no-moto = Aucun point de vente n'encaisse sans le client.
vcc-lot-why-vault = Le coffre n'a pas répondu.
audit-card-virtual-lot = Cartes virtuelles encaissées ensemble
vcc-settings-title = Réglages des cartes virtuelles
vcc-settings-save = Enregistrer
vcc-settings-changed = Quelqu'un d'autre a modifié ces réglages : relisez, puis enregistrez.
vcc-auto = Encaisser d'office le jour de l'ouverture
vcc-auto-hint = À 00:05, heure de l'établissement : ce qui reste dû, dans la limite du solde. Un refus est réessayé une fois, 24 heures plus tard ; ensuite, une tâche vous le signale.
vcc-mcc-label = Code d'activité de l'établissement
vcc-mcc-hint = Quatre chiffres (MCC), sur votre contrat d'acceptation ; 7011 pour un hôtel. Vide : non vérifié.
vcc-mcc-fault = Écrivez quatre chiffres, par exemple 7011.
audit-card-virtual-settings = Réglages des cartes virtuelles
vcc-digest-subject = Cartes virtuelles : semaine du { $day }
vcc-digest-line = - { $list } : { $count }
vcc-digest =
    Bonjour { $name },

    Les cartes virtuelles de { $merchant } cette semaine :

    { $lines }

    Chaque carte, avec ce qui peut être encaissé, se trouve sur la page des cartes virtuelles.
