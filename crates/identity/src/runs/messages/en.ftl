# Long jobs: progress, file, result.
runs-title = Background jobs
runs-all = All my background jobs
runs-empty = Exports of more than 10,000 rows and actions on several rows will appear here.
runs-what = Job
runs-when = Asked on
runs-state = State
run-title = Export: { $title }
run-progress = Progress:
run-state-running = Running
run-state-stopped = Stopped
run-state-done = Done
run-state-failed = Failed
run-done-of = { $n ->
    [one] { $done } row of { $total }
   *[other] { $done } rows of { $total }
}
run-done = { $n ->
    [one] { $done } row
   *[other] { $done } rows
}
run-rate = { $n ->
    [one] { $rate } row per second
   *[other] { $rate } rows per second
}
run-left = { $n ->
    [0] nearly done
    [one] { $n } second left
   *[other] { $n } seconds left
}
run-interrupted = Interrupted by a shutdown; goes on within a minute
run-stop = Stop
run-go-on = Go on
run-may-leave = You may close this page: the job goes on.
run-file = Download the file
run-size = { $size } kB
run-file-until = The file stays until { $when }.
run-result = See the result, row by row
run-errand-failed = This job stopped before its end. The result shows what was done; nothing was done twice.
run-failed = The file could not be made. Export again from the list; if it happens again, tell your administrator.
run-mail-done-subject = Your file is ready — { $merchant }
run-mail-done-text = Hello { $name }, the file { $file } that you asked for is ready. You can download it for 7 days once signed in.
run-mail-failed-subject = Your file could not be made — { $merchant }
run-mail-failed-text = Hello { $name }, the file { $file } that you asked for could not be made. Export again from the list; if it happens again, tell your administrator.
run-mail-errand-done-subject = Your job is done — { $merchant }
run-mail-errand-done-text = Hello { $name }, the job "{ $file }" that you asked for is done. Its result, row by row, awaits you once signed in.
run-mail-errand-failed-subject = Your job stopped before its end — { $merchant }
run-mail-errand-failed-text = Hello { $name }, the job "{ $file }" that you asked for stopped before its end. Its result shows what was done; nothing was done twice.
