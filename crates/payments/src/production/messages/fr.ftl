production-title = Passer en production
production-lede = Votre boutique de test reste ouverte et gratuite : même caisse, mêmes pages, banque simulée, clés à elle. Votre boutique réelle encaisse à partir du moment où ces cinq points sont faits et où vous l'ouvrez ici.
production-done = Fait
production-open = À faire
production-busy = En cours…
production-contract = Contrat d'acquisition
production-contract-done = Un connecteur réel est disponible pour votre contrat.
production-contract-open = Cette version de Guichet n'a pas encore de connecteur vers une vraie banque : aucun contrat ne peut être branché, et la boutique réelle ne peut pas être ouverte. Ce point reste à faire jusqu'à ce qu'une version en apporte un.
production-contract-link = Voir les moyens de paiement
production-payment = Paiement de test
production-payment-done = Le dernier paiement de test débité date du { $date }.
production-payment-open = Aucun paiement de test n'a encore été débité. Créez-en un par l'API avec une clé de test, ou réservez un séjour sur le site de votre boutique de test, et payez avec le numéro 4111 1111 1111 1111.
production-payment-link = Voir le paiement
production-payment-how = Voir comment par l'API
production-notification = Notification reçue
production-notification-done = Votre programme a bien reçu une notification de test, le { $date }.
production-notification-open = Aucun de vos programmes n'a encore accepté de notification de test. Ajoutez une adresse, puis faites un essai.
production-notification-link = Voir les notifications
production-page = Page de paiement vérifiée
production-page-done = { $name } a vérifié la page de paiement le { $date }.
production-page-open = Ouvrez la page de paiement d'un paiement de test, sur un ordinateur et sur un téléphone, dans les deux langues : le nom, le logo, le téléphone et l'adresse sont-ils les vôtres ?
production-page-link = J'ai vérifié la page de paiement
production-factor = Second facteur
production-factor-done = { $n ->
    [one] La personne qui se connecte a montré son second facteur.
   *[other] Les { $n } personnes qui se connectent ont montré leur second facteur.
}
production-factor-open = { $n ->
    [0] Personne n'a encore montré de second facteur.
    [one] { $n } personne n'a pas encore montré son second facteur.
   *[other] { $n } personnes n'ont pas encore montré leur second facteur.
}
production-factor-link = Voir les personnes
production-waits = { $n ->
    [one] Il reste { $n } point à faire : la boutique réelle ne peut pas encore être ouverte.
   *[other] Il reste { $n } points à faire : la boutique réelle ne peut pas encore être ouverte.
}
production-no-live-shop = Il n'y a ici que des boutiques de test : il n'y a pas de boutique réelle à ouvrir.
production-turn = Tout est fait. Passez au réel (en haut de page) pour ouvrir la boutique réelle.
production-refused = La boutique réelle n'a pas été ouverte : tous les points ne sont pas faits.
production-consequence = Dès l'ouverture, les clients paient avec de vraies cartes et sont réellement débités.
production-go = Ouvrir la boutique réelle
production-opened = La boutique réelle est ouverte depuis le { $date }.
settings-production = Passer en production
audit-production-page-checked = Page de paiement vérifiée
audit-shop-opened = Boutique réelle ouverte
