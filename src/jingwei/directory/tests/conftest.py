from jingwei.testing.small_district import small_district

__all__ = ["small_district"]
