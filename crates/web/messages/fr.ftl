shell-search = Chercher un paiement
shell-menu = Menu
shell-tasks = { $n ->
    [0] Aucune tâche
    [one] { $n } tâche
   *[other] { $n } tâches
}
shell-leave = Se déconnecter
form-token-missing = Ce formulaire n'est plus valable : rechargez la page et recommencez.
form-running = Votre demande est en cours de traitement.
oops-400-title = Demande illisible
oops-400 = Nous n'avons pas compris cette demande.
oops-401-title = Connectez-vous
oops-401 = Votre session est terminée.
oops-403-title = Accès refusé
oops-403 = Vous n'avez pas le droit de faire cela.
oops-404-title = Page introuvable
oops-404 = Il n'y a rien à cette adresse.
oops-409-title = Action impossible maintenant
oops-409 = L'état a changé entre-temps.
oops-410-title = Lien expiré
oops-410 = Ce lien a expiré.
oops-413-title = Envoi trop volumineux
oops-413 = Ce que vous avez envoyé est trop grand.
oops-422-title = Saisie à corriger
oops-422 = Une valeur n'est pas acceptée.
oops-429-title = Trop d'essais
oops-429 = Patientez quelques minutes avant de recommencer.
oops-500-title = Incident technique
oops-500 = Quelque chose n'a pas fonctionné de notre côté.
oops-503-title = Momentanément indisponible
oops-503 = Le service revient dans un instant.
oops-cross-site = Ce formulaire a été envoyé depuis un autre site : il n'a pas été pris en compte.
oops-money = Cette page n'a déclenché aucun paiement.
oops-money-unsure = Si un paiement était en cours, sa page ou son reçu disent où il en est : ouvrez-les avant de recommencer.
oops-cure = Revenez à la page précédente, ou contactez l'établissement.
oops-reference = Référence à communiquer :
forms-both-title = Quelqu'un d'autre a enregistré entre-temps
forms-both-text = Voici les deux versions. Vos saisies sont toujours dans le formulaire : enregistrez-les pour remplacer l'autre version, ou reprenez-la champ par champ.
forms-both-field = Champ
forms-both-saved = Enregistré entre-temps
forms-both-typed = Votre saisie
forms-both-nothing = (vide)
