# Courriels au payeur. Les espaces insécables sont dans le texte.
notices-receipt-subject = Reçu de { $amount } — { $merchant }
notices-checking-subject = Nous vérifions votre paiement
notices-accepted-subject = Paiement accepté : { $amount }
notices-refused-subject = Paiement refusé : { $amount }
notices-cancelled-subject = Paiement annulé : { $amount }
notices-refund-subject = Remboursement de { $amount }

notices-hello = Bonjour { $name },
notices-hello-unnamed = Bonjour,
notices-amount = Montant : { $amount }
notices-reference = Référence : { $reference }
notices-date = Date : { $when }
notices-refund-text = { $merchant } vous a remboursé { $amount }.

notices-receipt-follows = Le lien de ce message ouvre votre reçu ; vous pourrez le relire et l'imprimer pendant 15 mois.
notices-checking-follows = Nous vous écrirons dès que la banque aura répondu. Le lien de ce message montre où en est le paiement.
notices-accepted-follows = Le lien de ce message ouvre votre confirmation.
notices-refused-follows = Pour réessayer, ouvrez le lien de ce message.
notices-contact = Une question ? Appelez le { $phone } ou écrivez à { $email }.
notices-contact-email = Une question ? Écrivez à { $email }.
notices-test = TEST : ce paiement est un essai, aucun argent n'a bougé.
