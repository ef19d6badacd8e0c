from jingwei.cli import main

main()
