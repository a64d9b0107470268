session-title = Sign in
session-email = E-mail address
session-password = Password
session-code = One-time code
session-code-hint = The 6 digits shown by your authenticator app
session-enter = Sign in
session-email-missing = Enter your e-mail address
session-password-missing = Enter your password
session-code-missing = Enter the 6-digit code
session-wrong = The address, the password or the code is wrong
session-code-used = This code was used already: wait for your app to show the next one
session-paused = { $n ->
    [one] Too many tries: start again in { $n } minute
   *[other] Too many tries: start again in { $n } minutes
}
session-over = Your session has ended: please sign in again.
session-left = You have signed out.
session-ready = Your access is ready: sign in.
