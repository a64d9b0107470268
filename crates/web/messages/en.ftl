shell-search = Find a payment
shell-menu = Menu
shell-tasks = { $n ->
    [0] No tasks
    [one] { $n } task
   *[other] { $n } tasks
}
shell-leave = Sign out
form-token-missing = This form is no longer valid: reload the page and try again.
form-running = Your request is being handled.
oops-400-title = Request not understood
oops-400 = We could not read this request.
oops-401-title = Please sign in
oops-401 = Your session has ended.
oops-403-title = Access refused
oops-403 = You do not have the right to do this.
oops-404-title = Page not found
oops-404 = There is nothing at this address.
oops-409-title = Not possible now
oops-409 = Things have changed in the meantime.
oops-410-title = Link expired
oops-410 = This link has expired.
oops-413-title = Too large
oops-413 = What you sent is too large.
oops-422-title = Please correct your entry
oops-422 = A value was not accepted.
oops-429-title = Too many tries
oops-429 = Wait a few minutes before trying again.
oops-500-title = Technical problem
oops-500 = Something failed on our side.
oops-503-title = Unavailable for a moment
oops-503 = The service will be back shortly.
oops-cross-site = This form was sent from another site and was not carried out.
oops-money = This page did not start any payment.
oops-money-unsure = If a payment was under way, its page or receipt says where it stands: open them before you try again.
oops-cure = Go back to the previous page, or contact the property.
oops-reference = Reference to quote:
forms-both-title = Someone else saved in the meantime
forms-both-text = Here are both versions. What you typed is still in the form: save it to replace the other version, or take that one over field by field.
forms-both-field = Field
forms-both-saved = Saved meanwhile
forms-both-typed = What you typed
forms-both-nothing = (empty)
