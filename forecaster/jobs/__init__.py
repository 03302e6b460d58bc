"""Do tasks in processes of their own, several at a time.

In: functions of a module with their arguments, and a value that all of them read. Out: an outcome for each
task, as it ends. May import: deploy.errors; nothing else of the project.

    crew           the processes: started, given tasks, stopped together, replaced where one is killed
    worker         the inside of a process: one task after the other, and calls of whoever gave them
    messages       pickles between a process and its parent, and a value that lies in a file for all
    freed_memory   what a process does with the memory that it frees
"""
